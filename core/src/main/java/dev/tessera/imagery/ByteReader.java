package dev.tessera.imagery;

import dev.tessera.imagery.PhotoOutcome.Reason;
import java.nio.charset.StandardCharsets;

/**
 * Reads numbers out of a file's bytes. A position beyond the end means that the file was cut.
 *
 * @param bigEndian byte order of the numbers
 */
record ByteReader(byte[] bytes, boolean bigEndian) {

  int u8(long at) throws BadPhotoException {
    require(at, 1);
    return bytes[(int) at] & 0xff;
  }

  int u16(long at) throws BadPhotoException {
    int first = u8(at);
    int second = u8(at + 1);
    return bigEndian ? first << 8 | second : second << 8 | first;
  }

  long u32(long at) throws BadPhotoException {
    long first = u16(at);
    long second = u16(at + 2);
    return bigEndian ? first << 16 | second : second << 16 | first;
  }

  /** Whether {@code ascii} stands at {@code at}; false beyond the end. */
  boolean has(int at, String ascii) {
    byte[] wanted = ascii.getBytes(StandardCharsets.ISO_8859_1);
    if (at + wanted.length > bytes.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /** Checks that {@code count} bytes from {@code at} lie inside the file. */
  void require(long at, long count) throws BadPhotoException {
    if (at < 0 || count < 0 || at > bytes.length - count) {
      throw new BadPhotoException(
          Reason.TRUNCATED,
          "needs %d bytes at %d, the file has %d".formatted(count, at, bytes.length));
    }
  }
}
