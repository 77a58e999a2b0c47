package dev.tessera.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The first bytes of a file that should be safetensors. Other formats in which weights are passed
 * around are told by content: names lie.
 */
final class FileHead {
  /** Bytes from the start that decide. */
  static final int MOST_BYTES = 24;

  /** What a reader of this package says to weights in PyTorch's own format. */
  static final String PICKLE =
      "a pickle can run any code when it is opened, so only safetensors files are read;"
          + " convert it with safetensors.torch.save_file";

  private static final byte[] ZIP = {'P', 'K', 3, 4};
  private static final byte[] GIT_LFS = "version https://git-".getBytes(StandardCharsets.US_ASCII);
  private static final byte PICKLE_PROTOCOL = (byte) 0x80;
  private static final int LATEST_PICKLE_PROTOCOL = 5;
  private static final int FEWEST_HEADER_BYTES = 2;

  private final byte[] start;
  private final long fileBytes;

  /**
   * @param start the first {@link #MOST_BYTES} bytes, or all if there are fewer
   * @param fileBytes length of the file
   */
  FileHead(byte[] start, long fileBytes) {
    this.start = start;
    this.fileBytes = fileBytes;
  }

  /**
   * The length of the safetensors header in bytes, all of them inside the file.
   *
   * @throws IllegalArgumentException with the reason alone, if the file is something else
   */
  int headerBytes() {
    long roomBytes = fileBytes - SafetensorsHeader.LENGTH_BYTES;
    if (roomBytes < FEWEST_HEADER_BYTES) {
      throw new IllegalArgumentException(
          fileBytes == 0
              ? "the file is empty"
              : "it is not a safetensors file, %d bytes are too few".formatted(fileBytes));
    }
    long headerBytes = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    boolean plausible = headerBytes >= 0 && headerBytes <= SafetensorsHeader.MOST_BYTES;
    if (!plausible || start[SafetensorsHeader.LENGTH_BYTES] != '{') {
      throw new IllegalArgumentException(otherFormat(headerBytes, plausible));
    }
    if (headerBytes > roomBytes) {
      throw new IllegalArgumentException(
          "its header of %d bytes is cut short, the file has %d".formatted(headerBytes, fileBytes));
    }
    return (int) headerBytes;
  }

  private String otherFormat(long headerBytes, boolean plausible) {
    if (startsWith(ZIP)
        || start[0] == PICKLE_PROTOCOL && start[1] >= 0 && start[1] <= LATEST_PICKLE_PROTOCOL) {
      return PICKLE;
    }
    if (startsWith(GIT_LFS)) {
      return "it is a Git LFS pointer and not the file itself; fetch that with git lfs pull";
    }
    return plausible
        ? "it is not a safetensors file, its header does not begin with a brace"
        : "it is not a safetensors file, its header would have %s bytes and may have %d"
            .formatted(Long.toUnsignedString(headerBytes), SafetensorsHeader.MOST_BYTES);
  }

  private boolean startsWith(byte[] magic) {
    return ByteBuffer.wrap(start, 0, Math.min(start.length, magic.length))
        .equals(ByteBuffer.wrap(magic));
  }
}
