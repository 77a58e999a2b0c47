package dev.tessera.imagery;

import com.drew.metadata.exif.ExifDirectoryBase;
import java.util.Locale;
import java.util.Set;

/**
 * The key under which views share intrinsics: {@code make|model|width x height|focal|equivalent},
 * for example {@code dji|fc300s|1024x576|3.61mm|eq20mm}; "-" for what is not known.
 *
 * <p>Two bodies of one model at one zoom share a key: their focal lengths differ by less than a
 * prior's sigma. The size is the upright one, so portrait and landscape photos have separate keys,
 * and so have those of a sensor held upside down ({@code 1024x576r}): its principal point is on the
 * other side. Without make and model the photo's folder stands for the camera: {@code
 * folder:street/a|...}.
 */
final class CameraKey {
  /** Orientations that differ by half a turn from those of the same shape that are not here. */
  private static final Set<Integer> UPSIDE_DOWN = Set.of(3, 4, 7, 8);

  private CameraKey() {}

  /**
   * @param orientation EXIF's, 1 to 8
   */
  static String of(PhotoHeader header, String name, StoredSize upright, int orientation) {
    String make = header.text(ExifDirectoryBase.TAG_MAKE);
    String model = header.text(ExifDirectoryBase.TAG_MODEL);
    String body =
        model == null && make == null
            ? "folder:" + SequenceOrder.folder(name)
            : word(make) + "|" + word(model);
    return "%s|%dx%d%s|%s|%s"
        .formatted(
            body,
            upright.width(),
            upright.height(),
            UPSIDE_DOWN.contains(orientation) ? "r" : "",
            millimeters("", header.positive(ExifDirectoryBase.TAG_FOCAL_LENGTH)),
            millimeters("eq", header.positive(ExifDirectoryBase.TAG_35MM_FILM_EQUIV_FOCAL_LENGTH)));
  }

  private static String word(String text) {
    return text == null ? "-" : text.toLowerCase(Locale.ROOT).replace('|', '/');
  }

  private static String millimeters(String prefix, Double value) {
    if (value == null) {
      return "-";
    }
    String digits = String.format(Locale.ROOT, "%.2f", value);
    return prefix + digits.replaceAll("\\.?0+$", "") + "mm";
  }
}
