package dev.tessera.tensor;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The header of a safetensors file: free text, and where each tensor's bytes are.
 *
 * @param metadata the map named {@code __metadata__}; empty if there is none
 * @param entries the tensors in the order of their bytes, which follow one another without a hole
 */
record SafetensorsHeader(Map<String, String> metadata, List<Entry> entries) {
  /** Bytes before the header: its length. */
  static final int LENGTH_BYTES = Long.BYTES;

  /** The longest header that the format allows. */
  static final int MOST_BYTES = 100_000_000;

  private static final String METADATA = "__metadata__";
  private static final int ALIGNMENT_BYTES = 8;

  SafetensorsHeader {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    entries = List.copyOf(entries);
  }

  /**
   * A tensor and its place.
   *
   * @param begin its first byte, counted from the first byte after the header
   */
  record Entry(TensorInfo tensor, long begin) {
    long end() {
      return begin + tensor.bytes();
    }
  }

  /**
   * Reads a header.
   *
   * @param dataBytes bytes of the file after the header; the tensors must cover them exactly
   * @throws IllegalArgumentException with the reason alone, if anything is wrong
   */
  static SafetensorsHeader parse(String text, long dataBytes) {
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Entry> entries = new ArrayList<>();
    StrictJson.read(
        text,
        "its header",
        json ->
            json.members(
                "its header",
                name -> {
                  if (name.equals(METADATA)) {
                    json.members(METADATA, key -> metadata.put(key, json.string(METADATA)));
                  } else {
                    entries.add(EntryFields.read(json, name).entry(dataBytes));
                  }
                }));
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    requireCover(entries, dataBytes);
    return new SafetensorsHeader(metadata, entries);
  }

  /** The members of a tensor's object, until they are known to agree. */
  private static final class EntryFields {
    private final String name;
    private DType dtype;
    private List<Long> shape;
    private List<Long> offsets;

    private EntryFields(String name) {
      this.name = name;
    }

    static EntryFields read(StrictJson json, String name) throws IOException {
      EntryFields fields = new EntryFields(name);
      json.members(
          fields.what(""),
          field -> {
            switch (field) {
              case "dtype" -> fields.dtype = fields.knownDtype(json.string(fields.what("dtype ")));
              case "shape" -> fields.shape = json.wholeNumbers(fields.what("shape "));
              case "data_offsets" ->
                  fields.offsets = json.wholeNumbers(fields.what("data_offsets "));
              default -> json.skip();
            }
          });
      return fields;
    }

    private String what(String field) {
      return field + (field.isEmpty() ? "tensor " : "of tensor ") + Excerpt.of(name);
    }

    private DType knownDtype(String dtypeName) {
      return Arrays.stream(DType.values())
          .filter(known -> known.name().equals(dtypeName))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "%s is %s, known are %s"
                          .formatted(
                              what("dtype "),
                              Excerpt.of(dtypeName),
                              Excerpt.list(List.of(DType.values())))));
    }

    Entry entry(long dataBytes) {
      if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
        throw new IllegalArgumentException(
            what("") + " must have a dtype, a shape and two data_offsets");
      }
      TensorInfo tensor = new TensorInfo(name, dtype, shape);
      long begin = offsets.get(0);
      long end = offsets.get(1);
      if (begin < 0 || end < begin) {
        throw new IllegalArgumentException(
            "%s are [%d, %d], not an interval".formatted(what("data_offsets "), begin, end));
      }
      if (end > dataBytes) {
        throw new IllegalArgumentException(
            "%s ends at byte %d of the data and the file holds %d: it is cut short"
                .formatted(what(""), end, dataBytes));
      }
      if (end - begin != tensor.bytes()) {
        throw new IllegalArgumentException(
            "%s has %d bytes, but %s of %s take %d"
                .formatted(what(""), end - begin, Excerpt.list(shape), dtype, tensor.bytes()));
      }
      return new Entry(tensor, begin);
    }
  }

  private static void requireCover(List<Entry> entries, long dataBytes) {
    long covered = 0;
    for (Entry entry : entries) {
      if (entry.begin() != covered) {
        throw new IllegalArgumentException(
            "tensor %s begins at byte %d of the data, %s byte %d, where the one before it ends"
                .formatted(
                    Excerpt.of(entry.tensor().name()),
                    entry.begin(),
                    entry.begin() < covered ? "before" : "after",
                    covered));
      }
      covered = entry.end();
    }
    if (covered != dataBytes) {
      throw new IllegalArgumentException(
          "%d bytes after the last tensor belong to none".formatted(dataBytes - covered));
    }
  }

  /**
   * Places tensors one after the other. Wider elements come first, else in the order given, so that
   * every tensor begins at a multiple of its element's size.
   *
   * @throws IllegalArgumentException with the reason alone, if two tensors have the same name
   */
  static SafetensorsHeader place(List<TensorInfo> tensors, Map<String, String> metadata) {
    List<TensorInfo> ordered = new ArrayList<>(tensors);
    ordered.sort(Comparator.comparingInt((TensorInfo tensor) -> -tensor.dtype().bytes()));
    List<Entry> entries = new ArrayList<>();
    Set<String> names = new HashSet<>(Set.of(METADATA));
    long begin = 0;
    for (TensorInfo tensor : ordered) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException(
            "the name %s is taken".formatted(Excerpt.of(tensor.name())));
      }
      Entry entry = new Entry(tensor, begin);
      entries.add(entry);
      begin = Math.addExact(begin, tensor.bytes());
    }
    return new SafetensorsHeader(metadata, entries);
  }

  /**
   * The header in UTF-8, padded with spaces to a multiple of eight bytes.
   *
   * @throws IllegalArgumentException with the reason alone, if the format allows none that long
   */
  byte[] encode() {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      writeMetadata(json);
      for (Entry entry : entries) {
        writeEntry(json, entry);
      }
      json.endObject();
    } catch (IOException impossible) {
      throw new AssertionError("a string takes any text", impossible);
    }
    byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
    if (utf8.length > MOST_BYTES) {
      throw new IllegalArgumentException(
          "its header would have %d bytes and may have %d".formatted(utf8.length, MOST_BYTES));
    }
    byte[] padded =
        Arrays.copyOf(utf8, -Math.floorDiv(-utf8.length, ALIGNMENT_BYTES) * ALIGNMENT_BYTES);
    Arrays.fill(padded, utf8.length, padded.length, (byte) ' ');
    return padded;
  }

  private void writeMetadata(JsonWriter json) throws IOException {
    if (metadata.isEmpty()) {
      return;
    }
    json.name(METADATA).beginObject();
    for (Map.Entry<String, String> text : metadata.entrySet()) {
      json.name(text.getKey()).value(text.getValue());
    }
    json.endObject();
  }

  private static void writeEntry(JsonWriter json, Entry entry) throws IOException {
    TensorInfo tensor = entry.tensor();
    json.name(tensor.name()).beginObject();
    json.name("dtype").value(tensor.dtype().name());
    json.name("shape").beginArray();
    for (long dimension : tensor.shape()) {
      json.value(dimension);
    }
    json.endArray();
    json.name("data_offsets").beginArray().value(entry.begin()).value(entry.end()).endArray();
    json.endObject();
  }
}
