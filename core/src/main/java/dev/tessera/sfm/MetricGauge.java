package dev.tessera.sfm;

import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * The similarity that lays a free model on its position priors. Consensus of minimal samples first,
 * so that a few wrong positions do no harm, then a weighted fit (Umeyama 1991) to those that agree.
 */
final class MetricGauge {
  private static final int MAX_SAMPLES = 300;
  private static final double INLIER_SIGMAS = 3;
  private static final double MIN_INLIER_SHARE = 0.5;

  /** The priors must span this many of their standard deviations. */
  private static final double MIN_SPAN_SIGMAS = 2;

  private MetricGauge() {}

  /** Empty if the priors do not determine it. */
  static Optional<Sim3> enuFromModel(Reconstruction r) {
    List<Vec3> model = new ArrayList<>();
    List<MappingInput.Position> priors = new ArrayList<>();
    for (int v = 0; v < r.registered.length; v++) {
      if (r.registered[v] && r.input.priors()[v] != null) {
        model.add(r.center(v));
        priors.add(r.input.priors()[v]);
      }
    }
    if (model.size() < 3 || spanSigmas(priors) < MIN_SPAN_SIGMAS) {
      return Optional.empty();
    }
    return consensus(model, priors);
  }

  private static double spanSigmas(List<MappingInput.Position> priors) {
    Vec3 first = priors.get(0).meters();
    double span = 0;
    for (MappingInput.Position prior : priors) {
      double sigma = Math.max(prior.horizontalSigmaMeters(), priors.get(0).horizontalSigmaMeters());
      span = Math.max(span, prior.meters().distanceTo(first) / sigma);
    }
    return span;
  }

  private static Optional<Sim3> consensus(List<Vec3> model, List<MappingInput.Position> priors) {
    List<Vec3> meters = priors.stream().map(MappingInput.Position::meters).toList();
    Sim3 best = null;
    double bestCost = Double.POSITIVE_INFINITY;
    for (double[] weights : samples(priors)) {
      Sim3 candidate = fitOrNull(model, meters, weights);
      double cost = candidate == null ? Double.POSITIVE_INFINITY : cost(candidate, model, priors);
      if (cost < bestCost) {
        bestCost = cost;
        best = candidate;
      }
    }
    if (best == null) {
      return Optional.empty();
    }
    for (int pass = 0; pass < 3 && best != null; pass++) {
      double[] weights = inlierWeights(best, model, priors);
      int inliers = 0;
      for (double w : weights) {
        inliers += w > 0 ? 1 : 0;
      }
      if (inliers < Math.max(3, MIN_INLIER_SHARE * weights.length)) {
        return Optional.empty();
      }
      best = fitOrNull(model, meters, weights);
    }
    return Optional.ofNullable(best);
  }

  /** All priors by their own weights, then triples of them. */
  private static List<double[]> samples(List<MappingInput.Position> priors) {
    int n = priors.size();
    List<double[]> samples = new ArrayList<>();
    double[] all = new double[n];
    for (int i = 0; i < n; i++) {
      all[i] = weight(priors.get(i));
    }
    samples.add(all);
    Random random = new Random(n);
    for (int s = 0; s < MAX_SAMPLES && n > 3; s++) {
      double[] triple = new double[n];
      for (int k = 0; k < 3; k++) {
        triple[random.nextInt(n)] = 1;
      }
      samples.add(triple);
    }
    return samples;
  }

  private static double weight(MappingInput.Position prior) {
    double sigma = prior.horizontalSigmaMeters();
    return 1 / (sigma * sigma);
  }

  private static Sim3 fitOrNull(List<Vec3> model, List<Vec3> meters, double[] weights) {
    try {
      return Umeyama.fit(model, meters, weights);
    } catch (DegenerateGeometryException | IllegalArgumentException e) {
      return null; // this sample lies on a line or repeats a camera: the next one is tried
    }
  }

  private static double cost(
      Sim3 enuFromModel, List<Vec3> model, List<MappingInput.Position> priors) {
    double sum = 0;
    for (int i = 0; i < model.size(); i++) {
      double z = offsetSigmas(enuFromModel.apply(model.get(i)), priors.get(i));
      sum += Math.min(z * z, INLIER_SIGMAS * INLIER_SIGMAS);
    }
    return sum;
  }

  private static double[] inlierWeights(
      Sim3 enuFromModel, List<Vec3> model, List<MappingInput.Position> priors) {
    double[] weights = new double[model.size()];
    for (int i = 0; i < weights.length; i++) {
      double z = offsetSigmas(enuFromModel.apply(model.get(i)), priors.get(i));
      weights[i] = z <= INLIER_SIGMAS ? weight(priors.get(i)) : 0;
    }
    return weights;
  }

  static double offsetSigmas(Vec3 meters, MappingInput.Position prior) {
    Vec3 d = meters.minus(prior.meters());
    double h = prior.horizontalSigmaMeters();
    double v = prior.verticalSigmaMeters();
    return Math.sqrt((d.x() * d.x() + d.y() * d.y()) / (h * h) + d.z() * d.z() / (v * v));
  }
}
