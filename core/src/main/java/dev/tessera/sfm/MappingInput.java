package dev.tessera.sfm;

import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.View;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that the mapper is given and never changes. V views, G groups of views with common
 * intrinsics, P verified pairs, M observations of the tracks.
 *
 * @param cameras per view
 * @param groupOf per view: which intrinsics it shares
 * @param priors per view: position in metres, null where there is none
 * @param pairs verified pairs
 * @param verified their matches, in the order of {@code pairs}
 * @param pixel (M, 2) working pixels of the observations
 */
record MappingInput(
    WorkingCamera[] cameras,
    int[] groupOf,
    Position[] priors,
    List<ViewPair> pairs,
    List<VerifiedPair> verified,
    Tracks tracks,
    double[] pixel) {

  /** A position prior in metres with its standard deviations. */
  record Position(Vec3 meters, double horizontalSigmaMeters, double verticalSigmaMeters) {}

  int views() {
    return cameras.length;
  }

  int groups() {
    int most = -1;
    for (int group : groupOf) {
      most = Math.max(most, group);
    }
    return most + 1;
  }

  double x(int observation) {
    return pixel[2 * observation];
  }

  double y(int observation) {
    return pixel[2 * observation + 1];
  }

  /** Only pairs that passed verification are kept. */
  static MappingInput of(
      WorkingCamera[] cameras,
      int[] groupOf,
      Position[] priors,
      List<ViewPair> candidates,
      List<VerifiedPair> results,
      Features[] features) {
    List<ViewPair> pairs = new ArrayList<>();
    List<VerifiedPair> verified = new ArrayList<>();
    for (int p = 0; p < candidates.size(); p++) {
      if (results.get(p).count() > 0) {
        pairs.add(candidates.get(p));
        verified.add(results.get(p));
      }
    }
    int[] counts = new int[features.length];
    for (int v = 0; v < counts.length; v++) {
      counts[v] = features[v] == null ? 0 : features[v].count();
    }
    Tracks tracks = Tracks.join(counts, pairs, verified);
    double[] pixel = new double[2 * tracks.observationCount()];
    for (int o = 0; o < tracks.observationCount(); o++) {
      int v = tracks.viewOf(o);
      pixel[2 * o] = cameras[v].x(features[v], tracks.featureOf(o));
      pixel[2 * o + 1] = cameras[v].y(features[v], tracks.featureOf(o));
    }
    return new MappingInput(cameras, groupOf, priors, pairs, verified, tracks, pixel);
  }

  /**
   * Views of one camera model, size and working scale share intrinsics; turning them over is fine.
   */
  static int[] groups(List<View> views, double[] originalPerWorkingPixel) {
    Map<List<Object>, Integer> number = new LinkedHashMap<>();
    int[] group = new int[views.size()];
    for (int v = 0; v < group.length; v++) {
      View view = views.get(v);
      List<Object> key =
          List.of(
              String.valueOf(view.cameraModel()),
              Math.max(view.width(), view.height()),
              Math.min(view.width(), view.height()),
              originalPerWorkingPixel[v]);
      Integer known = number.putIfAbsent(key, number.size());
      group[v] = known == null ? number.size() - 1 : known;
    }
    return group;
  }
}
