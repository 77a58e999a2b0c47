package dev.tessera.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One safetensors file, opened by memory map.
 *
 * <p>Opening checks the whole header: every tensor lies inside the file, its bytes agree with its
 * shape, and together they cover the data exactly. The tensors are not read until they are used, so
 * that opening costs the same for any size. The file must not be cut while it is open.
 */
public final class Safetensors implements TensorSource, AutoCloseable {
  /** Tensors up to this many bytes share one mapping, since the system limits their number. */
  private static final long SEGMENT_BYTES = 1L << 30;

  private final Path path;
  private final MappedFile file;
  private final Map<String, String> metadata;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  /** Null when closed; a tensor too large for a buffer is not in it. */
  private volatile Map<String, ByteBuffer> slices;

  /**
   * Opens a file.
   *
   * @throws IllegalArgumentException if it is not there or not a safetensors file from its first
   *     byte to its last
   */
  public static Safetensors open(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      String why = Files.exists(path) ? "it is not a file" : "no such file";
      throw new IllegalArgumentException("Cannot read %s: %s".formatted(path, why));
    }
    try {
      return open(path, MappedFile.open(path));
    } catch (AccessDeniedException denied) {
      throw new IllegalArgumentException(
          "Cannot read %s: permission denied".formatted(path), denied);
    }
  }

  /** Takes over {@code file}. */
  static Safetensors open(Path path, MappedFile file) throws IOException {
    try {
      return new Safetensors(path, file);
    } catch (IllegalArgumentException bad) {
      file.close();
      throw new IllegalArgumentException(
          "Cannot read %s: %s".formatted(path, bad.getMessage()), bad);
    } catch (IOException failed) {
      file.close();
      throw failed;
    }
  }

  private Safetensors(Path path, MappedFile file) throws IOException {
    this.path = path;
    this.file = file;
    int headerBytes = headerBytes(file);
    long dataStart = (long) SafetensorsHeader.LENGTH_BYTES + headerBytes;
    String text = Utf8.text(file.read(SafetensorsHeader.LENGTH_BYTES, headerBytes), "its header");
    SafetensorsHeader header = SafetensorsHeader.parse(text, file.size() - dataStart);
    metadata = header.metadata();
    header.entries().forEach(entry -> tensors.put(entry.tensor().name(), entry.tensor()));
    slices = map(header.entries(), dataStart);
  }

  private static int headerBytes(MappedFile file) throws IOException {
    long fileBytes = file.size();
    return new FileHead(file.read(0, (int) Math.min(fileBytes, FileHead.MOST_BYTES)), fileBytes)
        .headerBytes();
  }

  private Map<String, ByteBuffer> map(List<SafetensorsHeader.Entry> entries, long dataStart)
      throws IOException {
    Map<String, ByteBuffer> mapped = new HashMap<>();
    List<SafetensorsHeader.Entry> segment = new ArrayList<>();
    for (SafetensorsHeader.Entry entry : entries) {
      if (!segment.isEmpty() && entry.end() - segment.get(0).begin() > SEGMENT_BYTES) {
        mapSegment(segment, dataStart, mapped);
        segment.clear();
      }
      if (entry.tensor().bytes() <= Integer.MAX_VALUE) {
        segment.add(entry);
      }
    }
    mapSegment(segment, dataStart, mapped);
    return mapped;
  }

  /** Maps tensors that follow one another at once and cuts the mapping up. */
  private void mapSegment(
      List<SafetensorsHeader.Entry> segment, long dataStart, Map<String, ByteBuffer> mapped)
      throws IOException {
    if (segment.isEmpty()) {
      return;
    }
    long begin = segment.get(0).begin();
    long end = segment.get(segment.size() - 1).end();
    ByteBuffer memory = file.map(dataStart + begin, Math.toIntExact(end - begin));
    for (SafetensorsHeader.Entry entry : segment) {
      int offset = Math.toIntExact(entry.begin() - begin);
      mapped.put(
          entry.tensor().name(),
          memory.slice(offset, (int) entry.tensor().bytes()).asReadOnlyBuffer());
    }
  }

  public Path path() {
    return path;
  }

  /** The free text of the header, in its order. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The names in the order of the tensors' bytes. */
  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public TensorInfo info(String name) {
    TensorInfo tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "Cannot read tensor %s: %s has none of that name".formatted(Excerpt.of(name), path));
    }
    return tensor;
  }

  @Override
  public ByteBuffer bytes(String name) {
    TensorInfo tensor = info(name);
    Map<String, ByteBuffer> open = slices;
    if (open == null) {
      throw new IllegalStateException(
          "Cannot read tensor %s: %s was closed".formatted(Excerpt.of(name), path));
    }
    ByteBuffer slice = open.get(name);
    if (slice == null) {
      throw new IllegalArgumentException(
          "Cannot read tensor %s of %s: it has %d bytes, a buffer holds %d"
              .formatted(Excerpt.of(name), path, tensor.bytes(), Integer.MAX_VALUE));
    }
    return slice.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Adds all bytes of the file, header included; it is read once, from its first to its last. */
  void digest(MessageDigest digest) throws IOException {
    file.digest(digest);
  }

  /** Lets go of the file; buffers that were handed out stay valid. */
  @Override
  public void close() throws IOException {
    slices = null;
    file.close();
  }
}
