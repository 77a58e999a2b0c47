package dev.tessera.merge;

import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.ScenePoints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What two scenes have in common: the views both registered, and the points both have from the very
 * same pixel of such a view (features are bit-identical in all chunks, so equal pixels are the same
 * feature and no matching is needed).
 *
 * @param views in the order of their ids
 * @param pairs each pair of points once, dealt to one of the views that see it, at most the asked
 *     number per view
 * @param logFocalRatio median log(focal a / focal b); NaN without shared views
 */
record SharedEvidence(
    ChunkId a, ChunkId b, List<SharedView> views, List<PointPair> pairs, double logFocalRatio) {

  /** A view registered in both chunks. */
  record SharedView(ViewId view, Rigid3 cameraFromA, Rigid3 cameraFromB, double logFocalRatio) {
    SharedView swapped() {
      return new SharedView(view, cameraFromB, cameraFromA, -logFocalRatio);
    }
  }

  /** Views with fewer pairs have no median depth. */
  static final int MIN_PAIRS_FOR_DEPTH = 5;

  /** Views that make a spread of scales. */
  private static final int MIN_VIEWS_FOR_SPREAD = 3;

  /** Points with less than this part of their chunk's median confidence are not used. */
  private static final double LEAST_CONFIDENCE = 0.1;

  /**
   * Two points from one pixel of the shared view with index {@code view}; its depths there.
   *
   * @param weight geometric mean of their confidences, each over its chunk's median
   */
  record PointPair(
      int view,
      Vec3 xInA,
      Vec3 xInB,
      double depthInA,
      double depthInB,
      double weight,
      long pixelBits) {
    PointPair swapped() {
      return new PointPair(view, xInB, xInA, depthInB, depthInA, weight, pixelBits);
    }
  }

  private record Seen(int pointInA, int pointInB) {}

  static SharedEvidence of(ChunkScene a, ChunkScene b, int maxPairsPerView) {
    int[] sharedOfA = new int[a.cameras().size()];
    int[] sharedOfB = new int[b.cameras().size()];
    List<SharedView> views = sharedViews(a, b, sharedOfA, sharedOfB);
    List<PointPair> pairs = deal(a, b, views, sharedOfA, sharedOfB);
    double[] ratios = views.stream().mapToDouble(SharedView::logFocalRatio).toArray();
    return new SharedEvidence(
        a.chunk(),
        b.chunk(),
        views,
        capped(pairs, views.size(), maxPairsPerView),
        ratios.length == 0 ? Double.NaN : RobustScale.median(ratios));
  }

  /** The same evidence with the chunks in the other order. */
  SharedEvidence swapped() {
    return new SharedEvidence(
        b,
        a,
        views.stream().map(SharedView::swapped).toList(),
        pairs.stream().map(PointPair::swapped).toList(),
        -logFocalRatio);
  }

  /** Pairs of each view, by index of the view. */
  List<List<PointPair>> pairsByView() {
    List<List<PointPair>> byView = new ArrayList<>();
    for (int v = 0; v < views.size(); v++) {
      byView.add(new ArrayList<>());
    }
    for (PointPair pair : pairs) {
      byView.get(pair.view()).add(pair);
    }
    return byView;
  }

  /** Robust standard deviation over views of log(depth in a / depth in b); NaN for few views. */
  double logScaleSpread() {
    double[] logs =
        pairsByView().stream()
            .filter(pairsOfView -> pairsOfView.size() >= MIN_PAIRS_FOR_DEPTH)
            .mapToDouble(SharedEvidence::logScale)
            .toArray();
    if (logs.length < MIN_VIEWS_FOR_SPREAD) {
      return Double.NaN;
    }
    double middle = RobustScale.median(logs);
    return RobustScale.sigmaOfResiduals(Arrays.stream(logs).map(l -> l - middle).toArray());
  }

  private static double logScale(List<PointPair> pairsOfView) {
    return RobustScale.median(
        pairsOfView.stream().mapToDouble(p -> Math.log(p.depthInA() / p.depthInB())).toArray());
  }

  /** Confidences over their median; 1 for all where the median is 0, which says nothing. */
  private static double[] confidences(ScenePoints points) {
    double[] own = new double[points.count()];
    Arrays.setAll(own, points::confidence);
    double median = own.length == 0 ? 0 : RobustScale.median(own);
    return Arrays.stream(own).map(c -> median > 0 ? c / median : 1).toArray();
  }

  private static List<SharedView> sharedViews(
      ChunkScene a, ChunkScene b, int[] sharedOfA, int[] sharedOfB) {
    Map<ViewId, Integer> indexInB = new HashMap<>();
    for (int i = 0; i < b.cameras().size(); i++) {
      indexInB.put(b.cameras().get(i).view(), i);
      sharedOfB[i] = -1;
    }
    List<Integer> inA = new ArrayList<>();
    for (int i = 0; i < a.cameras().size(); i++) {
      sharedOfA[i] = -1;
      if (indexInB.containsKey(a.cameras().get(i).view())) {
        inA.add(i);
      }
    }
    inA.sort(Comparator.comparing(i -> a.cameras().get(i).view()));
    List<SharedView> views = new ArrayList<>();
    for (int i : inA) {
      SceneCamera cameraA = a.cameras().get(i);
      int j = indexInB.get(cameraA.view());
      SceneCamera cameraB = b.cameras().get(j);
      sharedOfA[i] = views.size();
      sharedOfB[j] = views.size();
      double ratio = cameraA.intrinsics().focalPixels() / cameraB.intrinsics().focalPixels();
      views.add(
          new SharedView(
              cameraA.view(),
              cameraA.cameraFromChunk(),
              cameraB.cameraFromChunk(),
              Math.log(ratio)));
    }
    return views;
  }

  /** All pairs; a pair that several views see goes to one of them, picked by its pixel's hash. */
  private static List<PointPair> deal(
      ChunkScene a, ChunkScene b, List<SharedView> views, int[] sharedOfA, int[] sharedOfB) {
    List<Map<Long, Integer>> pointAtPixel = pixelsOf(a.points(), sharedOfA, views.size());
    double[] ofA = confidences(a.points());
    double[] ofB = confidences(b.points());
    List<PointPair> pairs = new ArrayList<>();
    ScenePoints points = b.points();
    for (int p = 0; p < points.count(); p++) {
      Map<Integer, List<PointPair>> byPointInA = new HashMap<>();
      Set<Seen> order = new LinkedHashSet<>();
      for (int o = points.observationsBegin(p); o < points.observationsEnd(p); o++) {
        int view = sharedOfB[points.cameraOf(o)];
        Integer inA = view < 0 ? null : pointAtPixel.get(view).get(pixelBits(points, o));
        if (inA == null || Math.min(ofA[inA], ofB[p]) < LEAST_CONFIDENCE) {
          continue;
        }
        double weight = Math.sqrt(ofA[inA] * ofB[p]);
        PointPair pair = pair(views.get(view), view, a.points(), inA, points, p, o, weight);
        if (pair.depthInA() > 0 && pair.depthInB() > 0) {
          order.add(new Seen(inA, p));
          byPointInA.computeIfAbsent(inA, key -> new ArrayList<>()).add(pair);
        }
      }
      for (Seen seen : order) {
        List<PointPair> choices = byPointInA.get(seen.pointInA());
        long hash = mix(choices.get(0).pixelBits());
        pairs.add(choices.get((int) Long.remainderUnsigned(hash, choices.size())));
      }
    }
    return pairs;
  }

  private static PointPair pair(
      SharedView shared,
      int view,
      ScenePoints a,
      int inA,
      ScenePoints b,
      int inB,
      int o,
      double weight) {
    Vec3 xInA = a.position(inA);
    Vec3 xInB = b.position(inB);
    return new PointPair(
        view,
        xInA,
        xInB,
        shared.cameraFromA().apply(xInA).z(),
        shared.cameraFromB().apply(xInB).z(),
        weight,
        pixelBits(b, o));
  }

  private static List<Map<Long, Integer>> pixelsOf(ScenePoints points, int[] shared, int views) {
    List<Map<Long, Integer>> pointAtPixel = new ArrayList<>();
    for (int v = 0; v < views; v++) {
      pointAtPixel.add(new HashMap<>());
    }
    for (int p = 0; p < points.count(); p++) {
      for (int o = points.observationsBegin(p); o < points.observationsEnd(p); o++) {
        int view = shared[points.cameraOf(o)];
        if (view >= 0) {
          pointAtPixel.get(view).putIfAbsent(pixelBits(points, o), p);
        }
      }
    }
    return pointAtPixel;
  }

  /** At most {@code most} pairs of each view: those whose pixels hash lowest, spread evenly. */
  private static List<PointPair> capped(List<PointPair> pairs, int views, int most) {
    List<PointPair> sorted = new ArrayList<>(pairs);
    sorted.sort(
        Comparator.comparingInt(PointPair::view)
            .thenComparingLong(p -> mix(p.pixelBits()))
            .thenComparingLong(PointPair::pixelBits));
    int[] taken = new int[views];
    List<PointPair> result = new ArrayList<>();
    for (PointPair pair : sorted) {
      if (taken[pair.view()] < most) {
        taken[pair.view()]++;
        result.add(pair);
      }
    }
    return result;
  }

  private static long pixelBits(ScenePoints points, int observation) {
    long u = Float.floatToIntBits(points.uOf(observation));
    long v = Float.floatToIntBits(points.vOf(observation));
    return u << 32 | (v & 0xffffffffL);
  }

  /** Finalizer of SplitMix64 (Steele et al. 2014): spreads neighbouring pixels. */
  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
