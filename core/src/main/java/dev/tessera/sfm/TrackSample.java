package dev.tessera.sfm;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A part of the points that ties every view well: long tracks first, until each view has its quota.
 * While the model grows, adjusting this part is as good as adjusting all, in a fraction of the
 * time.
 */
final class TrackSample {
  private TrackSample() {}

  static boolean[] all(Reconstruction r) {
    return r.hasPoint.clone();
  }

  /** Tracks with a point, chosen; ties are broken by the track's number. */
  static boolean[] withQuota(Reconstruction r, int pointsPerView) {
    Tracks tracks = r.input.tracks();
    int[] length = new int[tracks.count()];
    for (int t = 0; t < length.length; t++) {
      for (int o = tracks.begin(t); o < tracks.end(t); o++) {
        length[t] += r.active[o] ? 1 : 0;
      }
    }
    int[] longestFirst =
        IntStream.range(0, length.length)
            .filter(t -> r.hasPoint[t])
            .boxed()
            .sorted(Comparator.<Integer>comparingInt(t -> -length[t]).thenComparingInt(t -> t))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] seen = new int[r.registered.length];
    boolean[] chosen = new boolean[tracks.count()];
    for (int t : longestFirst) {
      for (int o = tracks.begin(t); o < tracks.end(t); o++) {
        chosen[t] |= r.active[o] && seen[tracks.viewOf(o)] < pointsPerView;
      }
      for (int o = tracks.begin(t); chosen[t] && o < tracks.end(t); o++) {
        seen[tracks.viewOf(o)] += r.active[o] ? 1 : 0;
      }
    }
    return chosen;
  }
}
