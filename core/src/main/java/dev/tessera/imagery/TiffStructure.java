package dev.tessera.imagery;

import dev.tessera.imagery.PhotoOutcome.Reason;

/**
 * The first image of a classic TIFF file (TIFF 6.0): its size, and whether all its strips or tiles
 * lie inside the file. Further pages are not looked at.
 */
final class TiffStructure {
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int PHOTOMETRIC = 262;
  private static final int STRIP_OFFSETS = 273;
  private static final int STRIP_BYTE_COUNTS = 279;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTE_COUNTS = 325;
  private static final int DNG_VERSION = 50706;

  /** Photometric interpretations of sensor mosaics: colour filter array and linear raw. */
  private static final int COLOR_FILTER_ARRAY = 32803;

  private static final int LINEAR_RAW = 34892;

  private static final int ENTRY_BYTES = 12;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private final ByteReader in;
  private final long directory;
  private final int entries;

  private TiffStructure(ByteReader in) throws BadPhotoException {
    this.in = in;
    directory = in.u32(4);
    entries = in.u16(directory);
    in.require(directory + 2, (long) entries * ENTRY_BYTES);
  }

  static StoredSize measure(byte[] bytes) throws BadPhotoException {
    return new TiffStructure(new ByteReader(bytes, bytes[0] == 'M')).measure();
  }

  private StoredSize measure() throws BadPhotoException {
    long photometric = number(PHOTOMETRIC);
    if (entry(DNG_VERSION) >= 0 || photometric == COLOR_FILTER_ARRAY || photometric == LINEAR_RAW) {
      throw new BadPhotoException(
          Reason.UNSUPPORTED_FORMAT, "camera RAW: export as JPEG, PNG or TIFF");
    }
    long width = number(WIDTH);
    long height = number(HEIGHT);
    if (width <= 0 || height <= 0 || Math.max(width, height) > Integer.MAX_VALUE) {
      throw new BadPhotoException(
          Reason.UNREADABLE, "TIFF of %d x %d pixels".formatted(width, height));
    }
    boolean tiled = entry(TILE_OFFSETS) >= 0;
    requireInside(
        tiled ? TILE_OFFSETS : STRIP_OFFSETS, tiled ? TILE_BYTE_COUNTS : STRIP_BYTE_COUNTS);
    return new StoredSize((int) width, (int) height);
  }

  private void requireInside(int offsetsTag, int countsTag) throws BadPhotoException {
    long offsets = entry(offsetsTag);
    long counts = entry(countsTag);
    if (offsets < 0 || counts < 0 || length(offsets) == 0 || length(offsets) != length(counts)) {
      throw new BadPhotoException(Reason.UNREADABLE, "TIFF without a list of its strips or tiles");
    }
    for (long i = 0; i < length(offsets); i++) {
      in.require(value(offsets, i), value(counts, i));
    }
  }

  /** Position of a tag's entry, -1 if it is not there. */
  private long entry(int tag) throws BadPhotoException {
    for (int i = 0; i < entries; i++) {
      long at = directory + 2 + (long) i * ENTRY_BYTES;
      if (in.u16(at) == tag) {
        return at;
      }
    }
    return -1;
  }

  private long length(long entry) throws BadPhotoException {
    return in.u32(entry + 4);
  }

  /** A tag's first value; 0 if it is not there. */
  private long number(int tag) throws BadPhotoException {
    long entry = entry(tag);
    return entry < 0 ? 0 : value(entry, 0);
  }

  private long value(long entry, long index) throws BadPhotoException {
    int type = in.u16(entry + 2);
    if (type != SHORT && type != LONG) {
      throw new BadPhotoException(
          Reason.UNREADABLE, "TIFF tag %d of type %d".formatted(in.u16(entry), type));
    }
    int valueBytes = type == SHORT ? 2 : 4;
    boolean inEntry = length(entry) * valueBytes <= 4;
    long at = (inEntry ? entry + 8 : in.u32(entry + 8)) + index * valueBytes;
    return type == SHORT ? in.u16(at) : in.u32(at);
  }
}
