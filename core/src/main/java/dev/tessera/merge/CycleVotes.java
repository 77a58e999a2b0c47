package dev.tessera.merge;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Judges links by the short cycles they lie on (3 links, and 4 where there are few triangles):
 * going the other way round must lead to the same similarity. A wrong link fails all its cycles, a
 * right one only those that it shares with a wrong one.
 */
final class CycleVotes {
  /** Most cycles tried for one link. */
  private static final int MAX_CYCLES = 24;

  /** Triangles that make longer cycles unnecessary. */
  private static final int ENOUGH_TRIANGLES = 4;

  /** Chi-square with 7 degrees of freedom, 99 %. */
  private static final double CHI_SQUARE_99 = 18.475;

  /** Where covariances are too small, a cycle may miss by this many times the median. */
  private static final double TIMES_MEDIAN = 9;

  private final List<Link> links;
  private final List<List<Link>> ofNode = new ArrayList<>();

  CycleVotes(int nodes, List<Link> links) {
    this.links = links;
    for (int i = 0; i < nodes; i++) {
      ofNode.add(new ArrayList<>());
    }
    for (Link link : links) {
      ofNode.get(link.a()).add(link);
      ofNode.get(link.b()).add(link);
    }
  }

  /** Share of good cycles of each link, (good + 1) / (all + 2): one half where there are none. */
  double[] goodShares() {
    double[][] errors = new double[links.size()][];
    for (int i = 0; i < errors.length; i++) {
      errors[i] = errors(links.get(i));
    }
    double[] all = Arrays.stream(errors).flatMapToDouble(Arrays::stream).toArray();
    double limit =
        all.length == 0
            ? CHI_SQUARE_99
            : Math.max(CHI_SQUARE_99, TIMES_MEDIAN * RobustScale.median(all));
    double[] shares = new double[errors.length];
    for (int i = 0; i < shares.length; i++) {
      long good = Arrays.stream(errors[i]).filter(e -> e <= limit).count();
      shares[i] = (good + 1.0) / (errors[i].length + 2.0);
    }
    return shares;
  }

  private double[] errors(Link link) {
    List<Double> errors = new ArrayList<>();
    for (Link first : ofNode.get(link.a())) {
      int via = first.other(link.a());
      for (Link second : ofNode.get(via)) {
        if (via != link.b() && second.other(via) == link.b() && errors.size() < MAX_CYCLES) {
          errors.add(error(link, List.of(first, second)));
        }
      }
    }
    if (errors.size() < ENOUGH_TRIANGLES) {
      addLongCycles(link, errors);
    }
    return errors.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private void addLongCycles(Link link, List<Double> errors) {
    for (Link first : ofNode.get(link.a())) {
      int via = first.other(link.a());
      for (Link last : ofNode.get(link.b())) {
        int before = last.other(link.b());
        if (via == link.b() || before == link.a() || via == before) {
          continue;
        }
        for (Link middle : ofNode.get(via)) {
          if (middle.other(via) == before && errors.size() < MAX_CYCLES) {
            errors.add(error(link, List.of(first, middle, last)));
          }
        }
      }
    }
  }

  /** Squared Mahalanobis distance between a link and a path with the same ends. */
  private static double error(Link link, List<Link> path) {
    Sim3 aFromHere = Sim3.IDENTITY;
    double[] covariance = link.covariance().clone();
    int here = link.a();
    for (Link next : path) {
      double[] own = next.covarianceSeenFrom(here);
      Block7.add(covariance, Sim3Tangent.carry(aFromHere, own), 1);
      aFromHere = aFromHere.after(next.seenFrom(here));
      here = next.other(here);
    }
    double[] information = Block7.inverseSpd(covariance);
    return information == null
        ? Double.POSITIVE_INFINITY
        : Block7.quadratic(information, Sim3Tangent.between(link.aFromB(), aFromHere));
  }
}
