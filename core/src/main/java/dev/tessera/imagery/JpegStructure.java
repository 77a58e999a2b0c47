package dev.tessera.imagery;

import dev.tessera.imagery.PhotoOutcome.Reason;

/**
 * The marker structure of a JPEG file (ITU-T T.81, annex B), from SOI to the EOI of the main image.
 *
 * <p>Whether a file is whole is asked of its structure, not of its last bytes: segments are skipped
 * by their lengths, so the EOI of a thumbnail inside APP1 is not seen, and what follows the main
 * image's own EOI (padding, the further images of a multi-picture file, the video of a motion
 * photo) is not looked at. A file that was cut and then padded has no EOI and is found out all the
 * same. Damage to the entropy-coded data that leaves the markers alone is not noticed here.
 */
final class JpegStructure {
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int FIRST_RST = 0xd0;

  private final ByteReader in;
  private StoredSize size;
  private boolean scanSeen;

  private JpegStructure(byte[] bytes) {
    in = new ByteReader(bytes, true);
  }

  static StoredSize measure(byte[] bytes) throws BadPhotoException {
    return new JpegStructure(bytes).walk();
  }

  private StoredSize walk() throws BadPhotoException {
    int at = nextMarker(2);
    while (marker(at) != EOI) {
      int marker = marker(at);
      if (isFrame(marker)) {
        size = frame(at, marker);
      }
      at = nextMarker(hasLength(marker) ? afterSegment(at) : at + 2);
      scanSeen |= marker == SOS;
    }
    if (size == null || !scanSeen) {
      throw new BadPhotoException(Reason.UNREADABLE, "JPEG without an image between SOI and EOI");
    }
    return size;
  }

  private int marker(int at) throws BadPhotoException {
    return in.u8(at + 1);
  }

  private int afterSegment(int at) throws BadPhotoException {
    int length = in.u16(at + 2);
    in.require(at + 2, length);
    return at + 2 + length;
  }

  /** Position of the 0xff of the next marker, past entropy-coded data, restarts and fill bytes. */
  private int nextMarker(int from) throws BadPhotoException {
    byte[] bytes = in.bytes();
    for (int at = from; at < bytes.length - 1; at++) {
      if (bytes[at] == (byte) 0xff) {
        int next = bytes[at + 1] & 0xff;
        boolean restart = next >= FIRST_RST && next < SOI;
        if (next != 0 && next != 0xff && !restart) {
          return at;
        }
      }
    }
    throw new BadPhotoException(
        Reason.TRUNCATED,
        "JPEG without its end marker (EOI) after %d bytes: copy the file again"
            .formatted(bytes.length));
  }

  /** Markers 0xc0..0xcf are frames, but for DHT (c4), JPG (c8) and DAC (cc). */
  private static boolean isFrame(int marker) {
    boolean table = marker == 0xc4 || marker == 0xc8 || marker == 0xcc;
    return (marker >= 0xc0 && marker <= 0xcf && !table) || marker == 0xf7;
  }

  private static boolean hasLength(int marker) {
    boolean frameOrTable = marker >= 0xc0 && marker <= 0xcf;
    return frameOrTable || marker >= SOS;
  }

  private StoredSize frame(int at, int marker) throws BadPhotoException {
    int bits = in.u8(at + 4);
    if (marker > 0xc2 || bits != 8) {
      throw new BadPhotoException(
          Reason.UNSUPPORTED_FORMAT,
          "JPEG of an unusual process (SOF%d, %d bits): save as baseline JPEG or PNG"
              .formatted(marker - 0xc0, bits));
    }
    StoredSize found = new StoredSize(in.u16(at + 7), in.u16(at + 5));
    if (found.width() == 0 || found.height() == 0) {
      throw new BadPhotoException(
          Reason.UNREADABLE, "JPEG of %d x %d pixels".formatted(found.width(), found.height()));
    }
    return size == null ? found : size;
  }
}
