package io.loggregator.endtoend;

import static java.util.stream.Collectors.toMap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import io.grpc.protobuf.ProtoUtils;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.plumbing.DopplerGrpc;
import org.cloudfoundry.loggregator.plumbing.DopplerIngestorGrpc;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.IngressGrpc;

/**
 * A program that makes one gRPC call, in plain text, as grpcurl would: it knows services, methods and fields by their
 * descriptors only, sends the JSON after {@code -d}, and prints what is answered. Ends with 1 if the call fails.
 */
final class DescribedCall {
    /** All have a value; the examples' options about TLS are not for this program. */
    private static final Set<String> OPTIONS = Set.of("-authority", "-proto", "-d");

    private DescribedCall() {}

    /** Every method of our services by its name, as {@code package.Service/Method}. */
    static Map<String, MethodDescriptor> methods() {
        return Stream.of(
                        EgressGrpc.getServiceDescriptor(),
                        IngressGrpc.getServiceDescriptor(),
                        DopplerGrpc.getServiceDescriptor(),
                        DopplerIngestorGrpc.getServiceDescriptor())
                .flatMap(DescribedCall::methods)
                .collect(toMap(method -> method.getService().getFullName() + "/" + method.getName(), method -> method));
    }

    private static Stream<MethodDescriptor> methods(ServiceDescriptor service) {
        String name = service.getName().substring(service.getName().lastIndexOf('.') + 1);
        return ((ProtoFileDescriptorSupplier) service.getSchemaDescriptor())
                .getFileDescriptor().findServiceByName(name).getMethods().stream();
    }

    public static void main(String[] args) throws IOException {
        List<String> words = new ArrayList<>();
        Map<String, String> options = new HashMap<>();
        Iterator<String> rest = List.of(args).iterator();
        while (rest.hasNext()) {
            String word = rest.next();
            if (word.startsWith("-")) {
                options.put(word, rest.next());
            } else {
                words.add(word);
            }
        }
        if (!options.keySet().equals(OPTIONS)) {
            throw new IllegalArgumentException("not the options " + OPTIONS + ": " + options);
        }
        String proto = options.get("-proto");
        MethodDescriptor method = methods().get(words.get(1));
        if (method == null || !method.getFile().getName().equals(proto)) {
            throw new IllegalArgumentException("no " + words.get(1) + " in " + proto);
        }
        DynamicMessage request = message(method.getInputType(), new ObjectMapper().readTree(options.get("-d")));
        ManagedChannel channel =
                NettyChannelBuilder.forTarget(words.get(0)).usePlaintext().build();
        Status status = call(channel, method, request);
        channel.shutdownNow();
        if (!status.isOk()) {
            System.err.println(status);
            System.exit(1);
        }
    }

    private static Status call(ManagedChannel channel, MethodDescriptor method, DynamicMessage request) {
        ClientCall<DynamicMessage, DynamicMessage> call = channel.newCall(
                io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                        .setType(io.grpc.MethodDescriptor.MethodType.UNKNOWN)
                        .setFullMethodName(method.getService().getFullName() + "/" + method.getName())
                        .setRequestMarshaller(
                                ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
                        .setResponseMarshaller(
                                ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
                        .build(),
                CallOptions.DEFAULT);
        CompletableFuture<Status> end = new CompletableFuture<>();
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(DynamicMessage answer) {
                        System.out.println(answer);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        call.request(Integer.MAX_VALUE);
        call.sendMessage(request);
        call.halfClose();
        return end.join();
    }

    /** @throws IllegalArgumentException a field is not known, or has another type */
    private static DynamicMessage message(Descriptor type, JsonNode json) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            FieldDescriptor field = type.findFieldByName(entry.getKey());
            if (field == null) {
                throw new IllegalArgumentException(type.getFullName() + " has no field " + entry.getKey());
            }
            JsonNode value = entry.getValue();
            if (field.isMapField()) {
                Descriptor pair = field.getMessageType();
                value.properties()
                        .forEach(tag -> message.addRepeatedField(
                                field,
                                DynamicMessage.newBuilder(pair)
                                        .setField(pair.findFieldByName("key"), tag.getKey())
                                        .setField(
                                                pair.findFieldByName("value"),
                                                value(pair.findFieldByName("value"), tag.getValue()))
                                        .build()));
            } else if (field.isRepeated()) {
                value.forEach(element -> message.addRepeatedField(field, value(field, element)));
            } else {
                message.setField(field, value(field, value));
            }
        }
        return message.build();
    }

    private static Object value(FieldDescriptor field, JsonNode json) {
        return switch (field.getJavaType()) {
            case MESSAGE -> message(field.getMessageType(), json);
            case STRING -> json.textValue();
            case BYTE_STRING -> ByteString.copyFrom(Base64.getDecoder().decode(json.textValue()));
            case BOOLEAN -> json.booleanValue();
            case LONG -> Long.valueOf(json.asText());
            case ENUM -> field.getEnumType().findValueByName(json.textValue());
            default -> throw new IllegalArgumentException("no example needed " + field + " before");
        };
    }
}
