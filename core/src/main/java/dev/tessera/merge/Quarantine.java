package dev.tessera.merge;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.MapFrames.Quarantined;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tells chunks that are wrong in themselves from chunks with wrong edges. Witnesses for a chunk are
 * its edges in use and its own GPS in use; against it are edges that were taken out and lead to a
 * sound chunk, or were no edges because it does not fit to that chunk, and its own GPS where that
 * was taken out. Two witnesses that agree in seven numbers are not both wrong, so a chunk with two
 * is sound, however many are against it. Several edges to one neighbour are one witness: all were
 * measured between the same two scenes. A chunk with fewer is wrong if two or more are against it
 * and they are more than its edges in use.
 */
final class Quarantine {
  private static final int SOUND = 2;
  private static final int CONTRADICTED = 2;

  private final List<ChunkNode> nodes;
  private final Link[] measured;
  private final boolean[] gpsAgainst;
  private final Sim3[] worldFromAnchor;
  private final int[] edgesFor;
  private final int[] witnesses;
  private final int[] misfits;
  private final List<List<Link>> against = new ArrayList<>();
  private final Set<Misfit> heard = new HashSet<>(); // pairs that have said what they say

  /** Two nodes whose chunks share views and do not fit together. */
  record Misfit(int a, int b) {
    static Misfit between(int x, int y) {
      return new Misfit(Math.min(x, y), Math.max(x, y));
    }
  }

  /**
   * @param measured links by edge; null where not measured
   * @param misfitting pairs of nodes that are not left out
   * @param used the same; null where taken out
   * @param gpsFor whether the GPS of a node is in use
   * @param gpsAgainst whether the GPS of a node was taken out
   * @param worldFromAnchor null for nodes left out
   */
  Quarantine(
      List<ChunkNode> nodes,
      Link[] measured,
      Link[] used,
      List<Misfit> misfitting,
      boolean[] gpsFor,
      boolean[] gpsAgainst,
      Sim3[] worldFromAnchor) {
    this.nodes = nodes;
    this.measured = measured;
    this.gpsAgainst = gpsAgainst;
    this.worldFromAnchor = worldFromAnchor;
    this.edgesFor = new int[nodes.size()];
    this.witnesses = new int[nodes.size()];
    this.misfits = new int[nodes.size()];
    for (int i = 0; i < nodes.size(); i++) {
      witnesses[i] = gpsFor[i] ? 1 : 0;
      against.add(new ArrayList<>());
    }
    for (Link link : used) {
      if (link != null && heard.add(Misfit.between(link.a(), link.b()))) {
        count(link.a());
        count(link.b());
      }
    }
    heard.clear(); // a neighbour may be for a chunk by one edge and against it by another
    collectContradictions(used);
    for (Misfit misfit : misfitting) {
      if (heard.add(Misfit.between(misfit.a(), misfit.b()))) {
        misfits[misfit.a()] += witnesses[misfit.b()] >= SOUND ? 1 : 0;
        misfits[misfit.b()] += witnesses[misfit.a()] >= SOUND ? 1 : 0;
      }
    }
  }

  /** In the order of the nodes. */
  List<Quarantined> wrong() {
    List<Quarantined> wrong = new ArrayList<>();
    for (int i = 0; i < witnesses.length; i++) {
      int contradictions = against.get(i).size() + misfits[i] + (gpsAgainst[i] ? 1 : 0);
      boolean outvoted = contradictions >= CONTRADICTED && contradictions > edgesFor[i];
      if (witnesses[i] < SOUND && outvoted) {
        wrong.add(quarantined(i, contradictions));
      }
    }
    return wrong;
  }

  private void count(int node) {
    edgesFor[node]++;
    witnesses[node]++;
  }

  private void collectContradictions(Link[] used) {
    for (int e = 0; e < measured.length; e++) {
      Link link = measured[e];
      if (link == null || used[e] != null || !heard.add(Misfit.between(link.a(), link.b()))) {
        continue;
      }
      if (witnesses[link.b()] >= SOUND) {
        against.get(link.a()).add(link);
      }
      if (witnesses[link.a()] >= SOUND) {
        against.get(link.b()).add(link);
      }
    }
  }

  /** Compares the frame of the chunk with those that the edges against it ask for. */
  private Quarantined quarantined(int node, int contradictions) {
    List<Link> links = against.get(node);
    double[] degrees = new double[links.size()];
    double[] meters = new double[links.size()];
    double[] factors = new double[links.size()];
    Sim3 here = worldFromAnchor[node];
    for (int k = 0; k < links.size(); k++) {
      int other = links.get(k).other(node);
      Sim3 asked = worldFromAnchor[other].after(links.get(k).seenFrom(other));
      Vec3 off = asked.translation().minus(here.translation());
      degrees[k] = Math.toDegrees(asked.rotation().angleRadiansTo(here.rotation()));
      meters[k] = off.norm();
      factors[k] = Math.exp(Math.abs(Math.log(asked.scale() / here.scale())));
    }
    return new Quarantined(
        nodes.get(node).chunk(),
        contradictions,
        witnesses[node],
        medianOrNaN(degrees),
        medianOrNaN(meters),
        medianOrNaN(factors));
  }

  private static double medianOrNaN(double[] values) {
    return values.length == 0 ? Double.NaN : RobustScale.median(values);
  }
}
