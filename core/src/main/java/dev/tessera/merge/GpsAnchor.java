package dev.tessera.merge;

import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.GpsEvidence.Determination;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Finds the similarity that takes a whole component, as its tree of edges lays it out, to the
 * world. Every chunk proposes its own fit, random triples of chunks that of their centres; the best
 * few are refined on the moments of all chunks together, chunks that disagree losing their weight.
 */
final class GpsAnchor {
  private static final int TRIPLES = 100;
  private static final int REFINED = 4;
  private static final int REWEIGHTINGS = 10;

  /** Most chunks that propose, and most that judge proposals: evenly spread over the component. */
  private static final int MAX_PROPOSERS = 200;

  private static final int MAX_JUDGES = 1000;

  /** Fixes have three coordinates. */
  static final double AXES = 3;

  private final List<GpsMoments> moments = new ArrayList<>();
  private final List<UpPrior> ups = new ArrayList<>();
  private final List<Sim3> proposals = new ArrayList<>();
  private final List<GpsMoments> judges;
  private final PoseGraph.Config config;

  /** The similarity, and whether up priors were needed for it. */
  record Anchor(Sim3 worldFromFrame, boolean usesUp) {}

  private GpsAnchor(List<ChunkNode> nodes, Sim3[] frameFromAnchor, PoseGraph.Config config) {
    this.config = config;
    List<Sim3> all = new ArrayList<>();
    for (int i = 0; i < frameFromAnchor.length; i++) {
      GpsEvidence gps = nodes.get(i).gps();
      if (gps == null) {
        continue;
      }
      Sim3 frameFromChunk = frameFromAnchor[i].after(nodes.get(i).chunkFromAnchor().inverse());
      moments.add(gps.moments().carried(frameFromChunk));
      all.add(gps.worldFromChunk().after(frameFromChunk.inverse()));
      if (gps.up() != null) {
        Vec3 upInFrame = frameFromChunk.rotation().rotate(gps.up().upInChunk());
        ups.add(new UpPrior(upInFrame, gps.up().sigmaDegrees()));
      }
    }
    proposals.addAll(spread(all, MAX_PROPOSERS));
    judges = spread(moments, MAX_JUDGES);
  }

  /** Nothing where the component's GPS does not settle scale and rotation. */
  static Optional<Anchor> of(
      List<ChunkNode> nodes, Sim3[] frameFromAnchor, PoseGraph.Config config) {
    GpsAnchor anchor = new GpsAnchor(nodes, frameFromAnchor, config);
    return anchor.moments.isEmpty() ? Optional.empty() : anchor.solve();
  }

  private Optional<Anchor> solve() {
    proposeTriples();
    Sim3 best = best(false);
    Determination settled = GpsFit.determination(weighted(best), best, config.gps());
    if (settled == Determination.FULL) {
      return Optional.of(new Anchor(best, false));
    }
    if (settled == Determination.POSITION_ONLY || ups.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Anchor(best(true), true));
  }

  private static <T> List<T> spread(List<T> all, int most) {
    if (all.size() <= most) {
      return all;
    }
    List<T> some = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      some.add(all.get((int) ((long) i * all.size() / most)));
    }
    return some;
  }

  private Sim3 best(boolean useUp) {
    record Scored(double score, Sim3 proposal) {}
    List<Sim3> ranked =
        proposals.stream()
            .map(x -> new Scored(score(x, useUp), x))
            .sorted(Comparator.comparingDouble(Scored::score))
            .limit(REFINED)
            .map(Scored::proposal)
            .toList();
    Sim3 best = null;
    for (Sim3 proposal : ranked) {
      Sim3 refined = refined(proposal, useUp);
      if (best == null || score(refined, useUp) < score(best, useUp)) {
        best = refined;
      }
    }
    return best;
  }

  private double score(Sim3 worldFromFrame, boolean useUp) {
    double sum = 0;
    for (GpsMoments m : judges) {
      double n = AXES * m.weight();
      sum += n * Kernel.CAUCHY.rho(m.cost(worldFromFrame) / n, config.anchorSigmas());
    }
    for (UpPrior up : ups) {
      sum += useUp ? up.cost(worldFromFrame) : 0;
    }
    return sum;
  }

  private Sim3 refined(Sim3 start, boolean useUp) {
    Sim3 x = start;
    for (int i = 0; i < REWEIGHTINGS; i++) {
      GpsMoments merged = weighted(x);
      x = DampedFit.minimize(x, merged.centerInWorld(), problem(merged, useUp));
    }
    return x;
  }

  private GpsMoments weighted(Sim3 x) {
    GpsMoments merged =
        GpsMoments.empty(moments.get(0).centerInChunk(), moments.get(0).centerInWorld());
    for (GpsMoments m : moments) {
      double squared = m.cost(x) / (AXES * m.weight());
      merged = merged.plus(m, Kernel.CAUCHY.weight(squared, config.anchorSigmas()));
    }
    return merged;
  }

  private DampedFit.Problem problem(GpsMoments merged, boolean useUp) {
    DampedFit.Problem gps = GpsFit.problem(merged, null);
    return new DampedFit.Problem() {
      @Override
      public double cost(Sim3 x) {
        return gps.cost(x) + (useUp ? ups.stream().mapToDouble(up -> up.cost(x)).sum() : 0);
      }

      @Override
      public NormalEquations equations(Sim3 x, Vec3 pivotInWorld) {
        NormalEquations equations = gps.equations(x, pivotInWorld);
        if (useUp) {
          ups.forEach(up -> up.addTo(equations, x));
        }
        return equations;
      }
    };
  }

  private void proposeTriples() {
    int n = moments.size();
    SplittableRandom random = new SplittableRandom(n);
    for (int trial = 0; trial < TRIPLES && n > 2; trial++) {
      List<Vec3> inFrame = new ArrayList<>();
      List<Vec3> inWorld = new ArrayList<>();
      for (int i : random.ints(3, 0, n).distinct().toArray()) {
        inFrame.add(moments.get(i).centerInChunk());
        inWorld.add(moments.get(i).centerInWorld());
      }
      if (inFrame.size() == 3) {
        try {
          proposals.add(Umeyama.fit(inFrame, inWorld));
        } catch (DegenerateGeometryException onALine) {
          continue; // such a triple has nothing to propose, others may
        }
      }
    }
  }
}
