package io.loggregator.rehearsal;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loggregator.benchmarks.report.Table;
import io.loggregator.rehearsal.account.Account;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Faults and what came of them. */
final class Report {
    private final List<Finding> findings;
    private final List<String> missing;
    private final String form;

    /**
     * @param missing what was left out and why, for people
     * @param form how it was run, for people
     */
    Report(List<Finding> findings, List<String> missing, String form) {
        this.findings = findings;
        this.missing = missing;
        this.form = form;
    }

    private Table table() {
        Table table = new Table(
                "fault", "reader", "sent", "received", "announced", "open", "may be open", "twice", "late", "sums");
        for (Finding finding : findings) {
            String title = finding.rehearsal().title();
            for (Account account : finding.accounts()) {
                table.row(row(title, account));
                title = "";
            }
            if (finding.failureOrNull() != null) {
                table.row(List.of(title, "–", "–", "–", "–", "–", "–", "–", "–", "failed"));
            }
        }
        return table;
    }

    private static List<String> row(String title, Account account) {
        String open =
                account.exact() ? number(account.least()) : number(account.least()) + " to " + number(account.most());
        return List.of(
                title,
                account.reader(),
                number(account.sent()),
                number(account.received()),
                number(account.announced()),
                number(account.open()),
                open,
                number(account.duplicates()),
                number(account.outOfOrder()),
                account.sums() ? "yes" : "NO");
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** What the table does not tell. */
    private List<String> remarks() {
        List<String> remarks = new ArrayList<>(missing);
        for (Finding finding : findings) {
            if (finding.failureOrNull() != null) {
                remarks.add(finding.rehearsal().title() + ": " + finding.failureOrNull());
            }
        }
        return remarks;
    }

    /** For a terminal. */
    String text() {
        StringBuilder text = new StringBuilder(table().text());
        remarks().forEach(remark -> text.append(remark).append('\n'));
        return text.toString();
    }

    /** For a page. */
    String markdown() {
        StringBuilder text = new StringBuilder(form).append("\n\n").append(table().markdown());
        remarks().forEach(remark -> text.append("\n").append(remark).append('\n'));
        return text.toString();
    }

    /** For programs. */
    ObjectNode json() {
        ObjectNode all = new ObjectMapper().createObjectNode();
        all.put("form", form);
        missing.forEach(all.putArray("leftOut")::add);
        ArrayNode rows = all.putArray("rehearsals");
        for (Finding finding : findings) {
            ObjectNode row = rows.addObject();
            row.put("fault", finding.rehearsal().fault())
                    .put("title", finding.rehearsal().title())
                    .put("seconds", finding.seconds())
                    .put("sums", finding.sums())
                    .put("failure", finding.failureOrNull());
            ArrayNode accounts = row.putArray("readers");
            for (Account account : finding.accounts()) {
                accounts.addObject()
                        .put("reader", account.reader())
                        .put("sent", account.sent())
                        .put("received", account.received())
                        .put("announced", account.announced())
                        .put("open", account.open())
                        .put("leastOpen", account.least())
                        .put("mostOpen", account.most())
                        .put("duplicates", account.duplicates())
                        .put("outOfOrder", account.outOfOrder())
                        .put("sums", account.sums());
            }
        }
        return all;
    }
}
