package dev.tessera.imagery;

import dev.tessera.imagery.PhotoOutcome.Reason;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file (ISO/IEC 15948), from IHDR to IEND, with their checksums. Bytes after
 * IEND are not looked at.
 */
final class PngStructure {
  private static final int SIGNATURE_BYTES = 8;
  private static final int HEADER_BYTES = 8;
  private static final int CHECKSUM_BYTES = 4;

  private static final int COLOR_TYPE_AT = SIGNATURE_BYTES + HEADER_BYTES + 9;
  private static final int TRUE_COLOR_WITH_ALPHA = 6;

  private PngStructure() {}

  static StoredSize measure(byte[] bytes) throws BadPhotoException {
    ByteReader in = new ByteReader(bytes, true);
    int at = SIGNATURE_BYTES;
    StoredSize size = header(in, at);
    boolean pixels = false;
    while (!isChunk(in, at, "IEND")) {
      pixels |= isChunk(in, at, "IDAT");
      at = afterChunk(in, at);
    }
    afterChunk(in, at);
    if (!pixels) {
      throw new BadPhotoException(Reason.UNREADABLE, "PNG without pixels (no IDAT chunk)");
    }
    return size;
  }

  /** Whether the pixels of a file, if it is a PNG, are red, green, blue and alpha. */
  static boolean hasAlphaPixels(byte[] bytes) {
    ByteReader in = new ByteReader(bytes, true);
    return in.has(0, "\u0089PNG\r\n\u001a\n")
        && isChunk(in, SIGNATURE_BYTES, "IHDR")
        && bytes.length > COLOR_TYPE_AT
        && bytes[COLOR_TYPE_AT] == TRUE_COLOR_WITH_ALPHA;
  }

  private static boolean isChunk(ByteReader in, int at, String type) {
    return in.has(at + 4, type);
  }

  private static StoredSize header(ByteReader in, int at) throws BadPhotoException {
    afterChunk(in, at);
    long width = in.u32(at + HEADER_BYTES);
    long height = in.u32(at + HEADER_BYTES + 4L);
    boolean possible = width > 0 && height > 0 && Math.max(width, height) <= Integer.MAX_VALUE;
    if (!isChunk(in, at, "IHDR") || !possible) {
      throw new BadPhotoException(
          Reason.UNREADABLE, "PNG without a valid header (IHDR): %d x %d".formatted(width, height));
    }
    return new StoredSize((int) width, (int) height);
  }

  private static int afterChunk(ByteReader in, int at) throws BadPhotoException {
    long length = in.u32(at);
    in.require(at, HEADER_BYTES + length + CHECKSUM_BYTES);
    CRC32 checksum = new CRC32();
    checksum.update(in.bytes(), at + 4, (int) length + 4);
    if (checksum.getValue() != in.u32(at + HEADER_BYTES + length)) {
      throw new BadPhotoException(
          Reason.UNREADABLE, "PNG chunk at byte %d does not match its checksum".formatted(at));
    }
    return at + HEADER_BYTES + (int) length + CHECKSUM_BYTES;
  }
}
