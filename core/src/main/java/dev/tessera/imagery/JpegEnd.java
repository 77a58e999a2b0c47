package dev.tessera.imagery;

/**
 * Finds out whether a JPEG has its end. Decoders fill a missing lower part with gray and say
 * nothing, so that half a photo looks like a whole one.
 */
final class JpegEnd {
  private static final int START_OF_IMAGE = 0xd8;
  private static final int END_OF_IMAGE = 0xd9;
  private static final int START_OF_SCAN = 0xda;

  private JpegEnd() {}

  /**
   * True for a JPEG without an end-of-image marker after its first scan. Inside a scan 0xff is
   * always followed by 0 or a restart marker (ITU T.81, B.1.1.5), so 0xff 0xd9 cannot be pixels; in
   * the header it may belong to a thumbnail and does not count. False for all other files.
   */
  static boolean isMissing(byte[] file) {
    if (file.length < 4 || at(file, 0) != 0xff || at(file, 1) != START_OF_IMAGE) {
      return false;
    }
    int scan = firstScan(file);
    for (int i = scan; i + 1 < file.length; i++) {
      if (at(file, i) == 0xff && at(file, i + 1) == END_OF_IMAGE) {
        return false;
      }
    }
    return true;
  }

  private static int firstScan(byte[] file) {
    int i = 2;
    while (i + 3 < file.length && at(file, i) == 0xff) {
      int marker = at(file, i + 1);
      if (marker == 0xff) {
        i++; // fill byte
        continue;
      }
      int next = i + 2 + (at(file, i + 2) << 8 | at(file, i + 3));
      if (marker == START_OF_SCAN) {
        return next;
      }
      i = next;
    }
    return file.length;
  }

  private static int at(byte[] file, int index) {
    return file[index] & 0xff;
  }
}
