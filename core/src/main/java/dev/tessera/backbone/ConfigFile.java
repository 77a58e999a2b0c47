package dev.tessera.backbone;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** A model's {@code config.json}: what the shapes of its weights do not say. */
public final class ConfigFile {
  /** Says nothing. */
  public static final ConfigFile NONE = new ConfigFile("no config", new JsonObject());

  private static final String USUAL_NAME = "config.json";

  private final String source;
  private final JsonObject json;

  private ConfigFile(String source, JsonObject json) {
    this.source = source;
    this.json = json;
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it is not there or not a JSON object
   */
  public static ConfigFile read(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new IllegalArgumentException("Cannot read model config " + path + ": no such file");
    }
    try {
      return of(path.toString(), Files.readString(path));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot read model config %s: %s".formatted(path, firstLine(e.getMessage())), e);
    }
  }

  /**
   * The text of such a file.
   *
   * @param source names it in messages
   * @throws IllegalArgumentException if it is not a JSON object
   */
  public static ConfigFile of(String source, String text) {
    try {
      JsonElement element = JsonParser.parseString(text);
      if (element.isJsonObject()) {
        return new ConfigFile(source, element.getAsJsonObject());
      }
    } catch (JsonParseException e) {
      throw new IllegalArgumentException(
          "Cannot read model config %s: %s".formatted(source, firstLine(e.getMessage())), e);
    }
    throw new IllegalArgumentException(
        "Cannot read model config " + source + ": not a JSON object");
  }

  /** What {@code config.json} beside the weights says; {@link #NONE} if there is no such file. */
  public static ConfigFile beside(Path weights) throws IOException {
    Path folder = Files.isDirectory(weights) ? weights : weights.toAbsolutePath().getParent();
    Path path = folder.resolve(USUAL_NAME);
    return Files.isRegularFile(path) ? read(path) : NONE;
  }

  private static String firstLine(String message) {
    return String.valueOf(message).lines().findFirst().orElse("unreadable");
  }

  boolean has(String name) {
    return json.has(name) && !json.get(name).isJsonNull();
  }

  /** The object under a name, saying nothing where there is none. */
  ConfigFile within(String name) {
    JsonElement element = json.get(name);
    if (element == null || element.isJsonNull()) {
      return new ConfigFile(source, new JsonObject());
    }
    if (!element.isJsonObject()) {
      throw wrong(name, "an object", element);
    }
    return new ConfigFile(source, element.getAsJsonObject());
  }

  /** A whole number above zero. */
  OptionalInt integer(String name) {
    OptionalDouble number = number(name);
    if (number.isEmpty()) {
      return OptionalInt.empty();
    }
    double value = number.getAsDouble();
    if (value != Math.rint(value) || value < 1 || value > Integer.MAX_VALUE) {
      throw wrong(name, "a whole number above 0", json.get(name));
    }
    return OptionalInt.of((int) value);
  }

  OptionalDouble number(String name) {
    JsonElement element = json.get(name);
    if (element == null || element.isJsonNull()) {
      return OptionalDouble.empty();
    }
    if (!element.isJsonPrimitive() || !element.getAsJsonPrimitive().isNumber()) {
      throw wrong(name, "a number", element);
    }
    return OptionalDouble.of(element.getAsDouble());
  }

  boolean flag(String name) {
    JsonElement element = json.get(name);
    if (element == null || element.isJsonNull()) {
      return false;
    }
    if (!element.isJsonPrimitive() || !element.getAsJsonPrimitive().isBoolean()) {
      throw wrong(name, "true or false", element);
    }
    return element.getAsBoolean();
  }

  /** A list of whole numbers; empty where there is none. */
  List<Integer> integers(String name) {
    JsonElement element = json.get(name);
    if (element == null || element.isJsonNull()) {
      return List.of();
    }
    try {
      List<Integer> numbers = new ArrayList<>();
      element.getAsJsonArray().forEach(e -> numbers.add(e.getAsBigDecimal().intValueExact()));
      return numbers;
    } catch (IllegalStateException
        | ArithmeticException
        | NumberFormatException
        | UnsupportedOperationException e) {
      throw wrong(name, "a list of whole numbers", element);
    }
  }

  private IllegalArgumentException wrong(String name, String wanted, JsonElement found) {
    return new IllegalArgumentException(
        "Cannot use model config %s: %s must be %s, was %s".formatted(source, name, wanted, found));
  }

  @Override
  public String toString() {
    return source;
  }
}
