package dev.tessera.imagery;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The golden images of preprocessing, which are synthetic, and the bytes that the reference makes
 * of them. A part lies in the test resources, all of it beside the repository.
 */
final class PreprocTensors {
  private static final String RESOURCES = "/golden/vggt/preproc/";
  private static final String TENSORS = "preproc.safetensors";

  /** One entry of the header: {@code "name": {"dtype": "U8", ..., "data_offsets": [a, b]}}. */
  private static final Pattern ENTRY =
      Pattern.compile(
          "\"([^\"]+)\": ?\\{\"dtype\": ?\"U8\", ?\"shape\": ?\\[([0-9, ]+)\\],"
              + " ?\"data_offsets\": ?\\[(\\d+), ?(\\d+)\\]\\}");

  private final Map<String, Tensor> tensors = new HashMap<>();
  private final Map<String, byte[]> files = new HashMap<>();

  /** Unsigned bytes, row-major. */
  record Tensor(int[] shape, byte[] values) {}

  private PreprocTensors() {}

  /** The part in the test resources. */
  static PreprocTensors bundled() {
    PreprocTensors bundled = new PreprocTensors();
    bundled.parse(resource(TENSORS));
    for (String name :
        new String[] {
          "a_97x61.png",
          "b_123x200.jpg",
          "c_50x41_rgba.png",
          "d_64x48_gray.png",
          "e_200x77_palette.png",
          "g_30x500.png",
          "h_120x90.png"
        }) {
      bundled.files.put(name, resource(name));
    }
    return bundled;
  }

  /** All of it; skips the test where it is not. */
  static PreprocTensors shared() {
    PreprocTensors shared = new PreprocTensors();
    Path folder = SharedPhotos.golden("vggt/preproc");
    try (Stream<Path> listed = Files.list(folder)) {
      for (Path file : listed.toList()) {
        shared.files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    shared.parse(shared.file(TENSORS));
    return shared;
  }

  byte[] file(String name) {
    return files.get(name);
  }

  Tensor tensor(String name) {
    return tensors.get(name);
  }

  /** Header length (8 bytes, little endian), header (JSON), data. */
  private void parse(byte[] file) {
    int header = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Matcher entry = ENTRY.matcher(new String(file, 8, header, StandardCharsets.UTF_8));
    while (entry.find()) {
      int[] shape =
          Pattern.compile(", ?")
              .splitAsStream(entry.group(2))
              .mapToInt(Integer::parseInt)
              .toArray();
      int from = 8 + header + Integer.parseInt(entry.group(3));
      int to = 8 + header + Integer.parseInt(entry.group(4));
      tensors.put(entry.group(1), new Tensor(shape, Arrays.copyOfRange(file, from, to)));
    }
  }

  private static byte[] resource(String name) {
    try (InputStream in = PreprocTensors.class.getResourceAsStream(RESOURCES + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
