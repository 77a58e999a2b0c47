package dev.tessera.tensor;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Walks a JSON text of known structure. Anything else is refused with an {@link
 * IllegalArgumentException} of one line, and so is a name that an object has twice.
 */
final class StrictJson {
  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?\\d{1,19}");

  private final JsonReader reader;

  /** Reads the value of one member of an object. */
  interface Member {
    void read(String name) throws IOException;
  }

  /** Reads the whole text. */
  interface Document {
    void read(StrictJson json) throws IOException;
  }

  private StrictJson(JsonReader reader) {
    this.reader = reader;
  }

  /** Hands the text, called {@code what}, to {@code document}, which must read it to its end. */
  static void read(String text, String what, Document document) {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      document.read(new StrictJson(reader));
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new IllegalArgumentException(what + " goes on after its end");
      }
    } catch (IOException malformed) {
      throw new IllegalArgumentException(what + " is not valid JSON", malformed);
    }
  }

  /** Reads an object; {@code member} must read or skip each value. */
  void members(String what, Member member) throws IOException {
    expect(JsonToken.BEGIN_OBJECT, what, "an object");
    Set<String> seen = new HashSet<>();
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      if (!seen.add(name)) {
        throw new IllegalArgumentException("%s has %s twice".formatted(what, Excerpt.of(name)));
      }
      member.read(name);
    }
    reader.endObject();
  }

  String string(String what) throws IOException {
    expect(JsonToken.STRING, what, "a string");
    return reader.nextString();
  }

  List<Long> wholeNumbers(String what) throws IOException {
    expect(JsonToken.BEGIN_ARRAY, what, "an array");
    List<Long> numbers = new ArrayList<>();
    reader.beginArray();
    while (reader.hasNext()) {
      numbers.add(wholeNumber(what));
    }
    reader.endArray();
    return numbers;
  }

  private long wholeNumber(String what) throws IOException {
    expect(JsonToken.NUMBER, what, "whole numbers");
    String digits = reader.nextString();
    try {
      if (WHOLE_NUMBER.matcher(digits).matches()) {
        return Long.parseLong(digits);
      }
    } catch (NumberFormatException tooLarge) {
      throw new IllegalArgumentException(
          "%s has %s, which is above 2^63".formatted(what, digits), tooLarge);
    }
    throw new IllegalArgumentException(
        "%s has %s, which is not a whole number".formatted(what, Excerpt.of(digits)));
  }

  void skip() throws IOException {
    reader.skipValue();
  }

  private void expect(JsonToken wanted, String what, String article) throws IOException {
    JsonToken found = reader.peek();
    if (found != wanted) {
      throw new IllegalArgumentException("%s must be %s, is %s".formatted(what, article, found));
    }
  }
}
