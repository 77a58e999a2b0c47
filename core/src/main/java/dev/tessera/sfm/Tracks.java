package dev.tessera.sfm;

import java.util.Arrays;
import java.util.List;

/**
 * Features of several views joined by their matches: candidates for 3D points. T tracks, M
 * observations; the observations of track t are {@code start[t]} to {@code start[t + 1]}, ascending
 * in the view, at most one per view.
 */
final class Tracks {
  private final int[] start; // (T + 1)
  private final int[] view; // (M)
  private final int[] feature; // (M)
  private final int[][] observationsOfView; // per view, ascending

  private Tracks(int[] start, int[] view, int[] feature, int views) {
    this.start = start;
    this.view = view;
    this.feature = feature;
    int[] count = new int[views];
    for (int v : view) {
      count[v]++;
    }
    observationsOfView = new int[views][];
    for (int v = 0; v < views; v++) {
      observationsOfView[v] = new int[count[v]];
    }
    Arrays.fill(count, 0);
    for (int o = 0; o < view.length; o++) {
      observationsOfView[view[o]][count[view[o]]++] = o;
    }
  }

  /**
   * Joins matched features transitively (union-find). A track that meets a view in two features is
   * wrong somewhere, and which of its matches is not known: it is left out.
   *
   * @param featureCounts features of each view
   * @param pairs views of each verified pair
   * @param verified their matches
   */
  static Tracks join(int[] featureCounts, List<ViewPair> pairs, List<VerifiedPair> verified) {
    int[] offset = new int[featureCounts.length + 1];
    for (int v = 0; v < featureCounts.length; v++) {
      offset[v + 1] = offset[v] + featureCounts[v];
    }
    DisjointSets sets = new DisjointSets(offset[featureCounts.length]);
    for (int p = 0; p < pairs.size(); p++) {
      VerifiedPair matches = verified.get(p);
      for (int m = 0; m < matches.count(); m++) {
        sets.join(
            offset[pairs.get(p).a()] + matches.featureOfA(m),
            offset[pairs.get(p).b()] + matches.featureOfB(m));
      }
    }
    return collect(sets, offset);
  }

  private static Tracks collect(DisjointSets sets, int[] offset) {
    int views = offset.length - 1;
    int nodes = offset[views];
    int[] lastView = new int[nodes]; // of each root: last view seen, plus one
    int[] length = new int[nodes]; // of each root; -1 = meets a view twice
    for (int v = 0; v < views; v++) {
      for (int node = offset[v]; node < offset[v + 1]; node++) {
        int root = sets.root(node);
        boolean twice = lastView[root] == v + 1;
        length[root] = twice || length[root] < 0 ? -1 : length[root] + 1;
        lastView[root] = v + 1;
      }
    }
    return number(sets, offset, length);
  }

  /** Numbers the tracks by their first feature and lists their observations. */
  private static Tracks number(DisjointSets sets, int[] offset, int[] length) {
    int nodes = length.length;
    int[] trackOf = new int[nodes];
    Arrays.fill(trackOf, -1);
    int[] start = new int[nodes + 1];
    int tracks = 0;
    for (int node = 0; node < nodes; node++) {
      int root = sets.root(node);
      if (length[root] >= 2 && trackOf[root] < 0) {
        trackOf[root] = tracks;
        start[tracks + 1] = start[tracks] + length[root];
        tracks++;
      }
    }
    int[] view = new int[start[tracks]];
    int[] feature = new int[start[tracks]];
    int[] filled = new int[tracks];
    for (int v = 0; v < offset.length - 1; v++) {
      for (int node = offset[v]; node < offset[v + 1]; node++) {
        int track = trackOf[sets.root(node)];
        if (track >= 0) {
          int at = start[track] + filled[track]++;
          view[at] = v;
          feature[at] = node - offset[v];
        }
      }
    }
    return new Tracks(Arrays.copyOf(start, tracks + 1), view, feature, offset.length - 1);
  }

  int count() {
    return start.length - 1;
  }

  int observationCount() {
    return view.length;
  }

  int begin(int track) {
    return start[track];
  }

  int end(int track) {
    return start[track + 1];
  }

  int viewOf(int observation) {
    return view[observation];
  }

  int featureOf(int observation) {
    return feature[observation];
  }

  int[] observationsOf(int view) {
    return observationsOfView[view];
  }

  /** The track of every observation, (M). */
  int[] trackOfObservation() {
    int[] track = new int[view.length];
    for (int t = 0; t < count(); t++) {
      Arrays.fill(track, start[t], start[t + 1], t);
    }
    return track;
  }
}
