package io.loggregator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto.ReservedRange;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto.EnumReservedRange;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.cloudfoundry.dropsonde.events.ErrorFactory;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.HttpFactory;
import org.cloudfoundry.dropsonde.events.LogFactory;
import org.cloudfoundry.dropsonde.events.MetricFactory;
import org.cloudfoundry.dropsonde.events.UuidFactory;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress;
import org.junit.jupiter.api.Test;

/**
 * The protocols are those of other people's programs: no number, name, label or type may change. They are written down
 * in {@code protocols.txt} beside this test.
 */
class ProtocolTest {
    @Test
    void areWhatTheyAreWrittenDownToBe() throws IOException {
        StringBuilder told = new StringBuilder();
        for (FileDescriptor file : new FileDescriptor[] {
            EventFactory.getDescriptor(),
            HttpFactory.getDescriptor(),
            LogFactory.getDescriptor(),
            MetricFactory.getDescriptor(),
            ErrorFactory.getDescriptor(),
            UuidFactory.getDescriptor(),
            LoggregatorEnvelope.getDescriptor(),
            LoggregatorIngress.getDescriptor(),
            LoggregatorEgress.getDescriptor()
        }) {
            tell(file, told);
        }
        try (InputStream written = ProtocolTest.class.getResourceAsStream("protocols.txt")) {
            assertThat(told.toString()).isEqualTo(new String(written.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static void tell(FileDescriptor file, StringBuilder told) {
        told.append("file ").append(file.getName()).append('\n');
        file.getEnumTypes().forEach(type -> tell(type, told));
        file.getMessageTypes().forEach(type -> tell(type, told));
        for (ServiceDescriptor service : file.getServices()) {
            told.append("service ").append(service.getFullName()).append('\n');
            for (MethodDescriptor method : service.getMethods()) {
                told.append("  %s %s%s -> %s%s%n"
                        .formatted(
                                method.getName(),
                                method.isClientStreaming() ? "stream " : "",
                                method.getInputType().getName(),
                                method.isServerStreaming() ? "stream " : "",
                                method.getOutputType().getName()));
            }
        }
    }

    private static void tell(Descriptor message, StringBuilder told) {
        if (message.getOptions().getMapEntry()) {
            return;
        }
        told.append("message ").append(message.getFullName()).append('\n');
        for (ReservedRange range : message.toProto().getReservedRangeList()) {
            told.append("  reserved %d to %d%n".formatted(range.getStart(), range.getEnd() - 1));
        }
        for (FieldDescriptor field : message.getFields()) {
            told.append("  %d %s %s%s%s%n"
                    .formatted(
                            field.getNumber(),
                            field.getName(),
                            label(field),
                            type(field),
                            field.getRealContainingOneof() == null
                                    ? ""
                                    : " in " + field.getRealContainingOneof().getName()));
            if (field.getFile().toProto().getSyntax().equals("proto3")
                    && field.getJsonName().contains("_")) {
                told.append("    json ").append(field.getJsonName()).append('\n');
            }
        }
        message.getEnumTypes().forEach(type -> tell(type, told));
        message.getNestedTypes().forEach(type -> tell(type, told));
    }

    private static String label(FieldDescriptor field) {
        if (field.isMapField()) {
            return "";
        }
        return field.isRequired() ? "required " : field.isRepeated() ? "repeated " : "";
    }

    private static String type(FieldDescriptor field) {
        if (field.isMapField()) {
            Descriptor entry = field.getMessageType();
            return "map<" + type(entry.findFieldByNumber(1)) + ", " + type(entry.findFieldByNumber(2)) + ">";
        }
        return switch (field.getJavaType()) {
            case MESSAGE -> field.getMessageType().getName();
            case ENUM -> field.getEnumType().getName();
            default -> field.getType().name().toLowerCase(Locale.ROOT);
        };
    }

    private static void tell(EnumDescriptor type, StringBuilder told) {
        told.append("enum ").append(type.getFullName()).append('\n');
        for (EnumReservedRange range : type.toProto().getReservedRangeList()) {
            told.append("  reserved %d to %d%n".formatted(range.getStart(), range.getEnd()));
        }
        type.getValues().forEach(value -> told.append("  %d %s%n".formatted(value.getNumber(), value.getName())));
    }
}
