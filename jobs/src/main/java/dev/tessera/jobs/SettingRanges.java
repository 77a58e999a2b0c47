package dev.tessera.jobs;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What numbers among the settings may be, so that a wrong one is refused before anything starts.
 */
final class SettingRanges {
  private static final double TINY = 1e-6;
  private static final double ANY = 1e12;

  /** A network is never wholly sure. */
  private static final double MOST_CONFIDENCE = 0.999999;

  private record Range(double least, double most) {}

  /** Numbers that are not named here may be anything. */
  private static final Map<String, Range> RANGES =
      Map.ofEntries(
          entry("run.max-failed-share", new Range(0, 1)),
          entry("ingest.gps-horizontal-sigma-m", new Range(TINY, ANY)),
          entry("ingest.gps-vertical-sigma-m", new Range(TINY, ANY)),
          entry("ingest.suspicious-sigma-m", new Range(TINY, ANY)),
          entry("ingest.max-speed-m-per-s", new Range(TINY, ANY)),
          entry("partition.max-views-per-chunk", new Range(8, Integer.MAX_VALUE)),
          entry("partition.min-shared-views", new Range(0, Integer.MAX_VALUE)),
          entry("partition.halo-share", new Range(0, 0.5)),
          entry("partition.cell-m", new Range(0.02, ANY)),
          entry("reconstruct.chunks-at-once", new Range(0, Integer.MAX_VALUE)),
          entry("reconstruct.timeout-s", new Range(0, Integer.MAX_VALUE)),
          entry("reconstruct.cache-mb", new Range(0, Integer.MAX_VALUE)),
          entry("sfm.max-features", new Range(1, Integer.MAX_VALUE)),
          entry("sfm.max-side-px", new Range(1, Integer.MAX_VALUE)),
          entry("sfm.neighbours", new Range(1, Integer.MAX_VALUE)),
          entry("network.size-px", new Range(1, Integer.MAX_VALUE)),
          entry("network.steps", new Range(1, Integer.MAX_VALUE)),
          entry("network.min-confidence", new Range(0, MOST_CONFIDENCE)),
          entry("network.point-stride-px", new Range(1, Integer.MAX_VALUE)),
          entry("network.tokens-per-group", new Range(1, Integer.MAX_VALUE)),
          entry("network.maps-mb", new Range(0, Integer.MAX_VALUE)),
          entry("network.features-mb", new Range(0, Integer.MAX_VALUE)),
          entry("align.max-points-per-view", new Range(1, Integer.MAX_VALUE)),
          entry("repair.seam-views", new Range(8, Integer.MAX_VALUE)),
          entry("merge.gps-sigma-m", new Range(0, ANY)),
          entry("merge.gps-bias-sigma-m", new Range(TINY, ANY)),
          entry("merge.gps-bias-vertical-sigma-m", new Range(TINY, ANY)),
          entry("map.tile-points", new Range(1, ANY)),
          entry("map.row-group-mb", new Range(1, 2047)),
          entry("localize.chunks-per-photo", new Range(1, Integer.MAX_VALUE)),
          entry("localize.max-chunks", new Range(1, Integer.MAX_VALUE)),
          entry("localize.max-distance-m", new Range(0, ANY)),
          entry("localize.candidates", new Range(1, Integer.MAX_VALUE)),
          entry("localize.index-bytes", new Range(1, ANY)),
          entry("lease.expires-s", new Range(6, Integer.MAX_VALUE)));

  /** Texts that are one of a few. */
  private static final Map<String, List<String>> CHOICES =
      Map.of(
          "align.memory",
          MemoryEdges.When.WORDS,
          "merge.scale-prior",
          List.of("free", "soft", "fixed"),
          "merge.gps-bias",
          List.of("off", "sequence"));

  private SettingRanges() {}

  /**
   * Looks at all settings.
   *
   * @throws UsageException for one that is out of its range
   */
  static void check(Settings settings) {
    new TreeMap<>(RANGES).forEach((key, range) -> check(key, settings.number(key), range));
    new TreeMap<>(CHOICES).forEach((key, choices) -> check(key, settings.text(key), choices));
    if (!settings.text("merge.voxel-m").equals("auto")) {
      check("merge.voxel-m", settings.number("merge.voxel-m"), new Range(TINY, ANY));
    }
  }

  private static void check(String key, double value, Range range) {
    if (!(value >= range.least())) {
      throw new UsageException(
          "Cannot use setting %s=%s: at least %s is needed"
              .formatted(key, plain(value), plain(range.least())));
    }
    if (value > range.most()) {
      throw new UsageException(
          "Cannot use setting %s=%s: at most %s is possible"
              .formatted(key, plain(value), plain(range.most())));
    }
  }

  private static void check(String key, String value, List<String> choices) {
    if (!choices.contains(value)) {
      throw new UsageException(
          "Cannot use setting %s=%s: one of %s is needed"
              .formatted(key, value, String.join(", ", choices)));
    }
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < Long.MAX_VALUE
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
