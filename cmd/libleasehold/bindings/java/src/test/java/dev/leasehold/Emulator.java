package dev.leasehold;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The licence server for tests, and the configuration of an application for it. */
final class Emulator implements AutoCloseable {
    private final Process process;
    private final String control;
    private final HttpClient client = HttpClient.newHttpClient();
    final JsonObject config;

    Emulator(Path folder) throws IOException {
        Path file = folder.resolve("config.json");
        process = new ProcessBuilder(Given.tool().toString(), "--json", "emulator", "--addr", "127.0.0.1:0", "--write-config", file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        control = JsonParser.parseString(lines.readLine()).getAsJsonObject().get("control_url").getAsString().replaceAll("/$", "");
        config = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    /** Sends a request to the control, such as {@code PUT /outage}; it must succeed. */
    JsonObject ask(String line, JsonElement body) {
        String[] parts = line.split(" ", 2);
        HttpRequest.BodyPublisher content = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body.toString());
        HttpRequest request = HttpRequest.newBuilder(URI.create(control + parts[1])).method(parts[0], content).build();
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new AssertionError(line + ": " + response.statusCode() + " " + response.body());
            }
            JsonObject answer = new JsonObject();
            answer.addProperty("$body", response.body());
            return answer;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(line, e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
