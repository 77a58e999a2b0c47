package dev.tessera.imagery;

import dev.tessera.imagery.PhotoOutcome.Reason;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The formats that are decoded, told by content: names lie. */
enum ImageFormat {
  JPEG,
  PNG,
  TIFF;

  /** Bytes from the start that decide. */
  static final int HEAD_BYTES = 64;

  private static final String CONVERT = ": export as JPEG, PNG or TIFF, keeping the metadata";

  /** Formats that lean on the TIFF structure, so that only the name tells them apart. */
  private static final Set<String> RAW_EXTENSIONS =
      Set.of("dng", "nef", "nrw", "cr2", "arw", "sr2", "orf", "rw2", "pef", "srw", "3fr", "iiq");

  private static final Map<String, String> OTHER_MAGICS =
      Map.ofEntries(
          Map.entry("GIF8", "GIF"),
          Map.entry("FUJIFILMCCD-RAW", "camera RAW (RAF)"),
          Map.entry("IIRO", "camera RAW (ORF)"),
          Map.entry("IIU\0", "camera RAW (RW2)"),
          Map.entry("II+\0", "BigTIFF"),
          Map.entry("MM\0+", "BigTIFF"),
          Map.entry("8BPS", "Photoshop"),
          Map.entry("v/1\u0001", "OpenEXR"),
          Map.entry("\0\0\0\fJXL ", "JPEG XL"),
          Map.entry("\u00ff\n", "JPEG XL"),
          Map.entry("\0\0\0\fjP  ", "JPEG 2000"),
          Map.entry("\u00ffO\u00ffQ", "JPEG 2000"));

  /**
   * The format of a file that starts with {@code head}.
   *
   * @throws BadPhotoException for anything that is not one of these formats
   */
  static ImageFormat of(byte[] head, String name) throws BadPhotoException {
    ByteReader start = new ByteReader(head, true);
    if (start.has(0, "\u00ff\u00d8\u00ff")) {
      return JPEG;
    }
    if (start.has(0, "\u0089PNG\r\n\u001a\n")) {
      return PNG;
    }
    if (start.has(0, "II*\0") || start.has(0, "MM\0*")) {
      refuseRaw(start, name);
      return TIFF;
    }
    refuseOther(start);
    throw new BadPhotoException(
        Reason.NOT_AN_IMAGE, "the content is not that of an image, it starts with " + hex(head));
  }

  private static void refuseRaw(ByteReader start, String name) throws BadPhotoException {
    String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    if (RAW_EXTENSIONS.contains(extension) || start.has(8, "CR")) {
      throw new BadPhotoException(Reason.UNSUPPORTED_FORMAT, "camera RAW" + CONVERT);
    }
  }

  private static void refuseOther(ByteReader start) throws BadPhotoException {
    String found = null;
    if (start.has(4, "ftyp")) {
      found = isoMedia(start);
    } else if (start.has(0, "RIFF") && start.has(8, "WEBP")) {
      found = "WebP";
    } else if (start.has(0, "BM") && start.has(6, "\0\0\0\0")) {
      found = "BMP";
    } else if (start.has(0, "RIFF") && start.has(8, "AVI ")) {
      found = "a video";
    } else {
      found =
          OTHER_MAGICS.entrySet().stream()
              .filter(magic -> start.has(0, magic.getKey()))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse(null);
    }
    if (found != null) {
      String advice = found.equals("a video") ? ": extract frames as JPEG or PNG" : CONVERT;
      throw new BadPhotoException(Reason.UNSUPPORTED_FORMAT, found + advice);
    }
  }

  /** What an ISO base media file (ISO/IEC 14496-12) holds, by its major brand. */
  private static String isoMedia(ByteReader start) {
    if (start.has(8, "avif") || start.has(8, "avis")) {
      return "AVIF";
    }
    if (start.has(8, "crx ")) {
      return "camera RAW (CR3)";
    }
    boolean heif = start.has(8, "hei") || start.has(8, "hev") || start.has(8, "mif1");
    return heif || start.has(8, "msf1") ? "HEIC/HEIF" : "a video";
  }

  private static String hex(byte[] head) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(8, head.length); i++) {
      text.append(i == 0 ? "" : " ").append("%02x".formatted(head[i]));
    }
    return text.toString();
  }

  /**
   * Walks the file's structure from its first byte to the end of its image, without decoding.
   *
   * @throws BadPhotoException if the image does not end inside the file, or has no size
   */
  StoredSize measure(byte[] bytes) throws BadPhotoException {
    if (this == JPEG) {
      return JpegStructure.measure(bytes);
    }
    return this == PNG ? PngStructure.measure(bytes) : TiffStructure.measure(bytes);
  }
}
