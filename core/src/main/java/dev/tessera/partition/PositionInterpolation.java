package dev.tessera.partition;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Places views without a position that lie in the sequence between two placed ones of the same
 * folder, linearly in the order. A camera that lost its fix for a few photos is still walked along
 * a street; one that lost it for long, or jumped meanwhile, is left without a position.
 *
 * <p>Reads a sequence ordered by {@link ViewSite#order} as a stream and holds at most one gap of
 * it.
 */
public final class PositionInterpolation {
  /**
   * Which gaps are filled.
   *
   * @param maxGapViews most successive views without a position
   * @param maxGapMeters most distance between the views on either side
   */
  public record Config(int maxGapViews, double maxGapMeters) implements Serializable {
    public Config {
      if (maxGapViews < 0 || !(maxGapMeters >= 0)) {
        throw new IllegalArgumentException(
            "Gaps must not be negative, were %d views and %s m"
                .formatted(maxGapViews, maxGapMeters));
      }
    }

    public static Config defaults() {
      return new Config(20, 200);
    }
  }

  /**
   * A site and the folder its photo lies in: photos of one folder were taken on one walk.
   *
   * @param folder key of the folder
   */
  public record Stop(String folder, ViewSite site) implements Serializable {}

  private final Config config;

  public PositionInterpolation(Config config) {
    this.config = config;
  }

  /** The same sites in the same order, gaps filled where that is safe. */
  public Iterator<ViewSite> fill(Iterator<Stop> sequence) {
    return new Filling(sequence);
  }

  private final class Filling implements Iterator<ViewSite> {
    private final Iterator<Stop> input;
    private final Deque<ViewSite> ready = new ArrayDeque<>();
    private final List<ViewSite> gap = new ArrayList<>();
    private Stop before; // last placed site, if the gap after it may still be filled

    private Filling(Iterator<Stop> input) {
      this.input = input;
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty() && input.hasNext()) {
        take(input.next());
      }
      if (ready.isEmpty()) {
        flush();
      }
      return !ready.isEmpty();
    }

    @Override
    public ViewSite next() {
      if (!hasNext()) {
        throw new NoSuchElementException("Cannot read past the end of the sequence");
      }
      return ready.remove();
    }

    private void take(Stop stop) {
      ViewSite site = stop.site();
      if (before != null && !before.folder().equals(stop.folder())) {
        flush();
        before = null;
      }
      if (site.hasPosition()) {
        close(site);
        ready.add(site);
        before = stop;
      } else if (before == null) {
        ready.add(site);
      } else {
        gap.add(site);
        if (gap.size() > config.maxGapViews()) {
          flush();
          before = null;
        }
      }
    }

    private void close(ViewSite after) {
      if (before == null || !near(before.site(), after)) {
        flush();
        return;
      }
      gap.forEach(site -> ready.add(between(before.site(), site, after)));
      gap.clear();
    }

    private void flush() {
      ready.addAll(gap);
      gap.clear();
    }
  }

  private boolean near(ViewSite a, ViewSite b) {
    double east = b.eastMeters() - a.eastMeters();
    double north = b.northMeters() - a.northMeters();
    return Math.hypot(east, north) <= config.maxGapMeters();
  }

  private static ViewSite between(ViewSite before, ViewSite site, ViewSite after) {
    double t = (double) (site.order() - before.order()) / (after.order() - before.order());
    return new ViewSite(
        site.view(),
        before.eastMeters() + t * (after.eastMeters() - before.eastMeters()),
        before.northMeters() + t * (after.northMeters() - before.northMeters()),
        site.order());
  }
}
