package dev.tessera.benchmark;

import ai.djl.Device;
import dev.tessera.backbone.Vggt;
import dev.tessera.benchmark.ProcessMeter.Cost;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How time and memory grow with the views, for softmax attention and for fast weights with one and
 * two steps: {@link Sizes#MID} on views of 112 x 112, side by side.
 */
public final class LinearBenchmark {
  /** Views whose time per view the others are compared with. */
  private static final int FROM_VIEWS = 64;

  private static final int SIDE = 112;
  private static final int TOKENS_PER_VIEW = 69;
  private static final int DENSE_VIEWS = 8;
  private static final List<String> VARIANTS = List.of("softmax", "ttt1", "ttt2");

  /**
   * CPU seconds of the reference's code on one core of a busy machine, best of 2 to 3, by views:
   * softmax as plain mathematics, fast weights with one step, with two.
   */
  private static final Map<Integer, List<Double>> REFERENCE =
      Map.of(
          4, List.of(0.35, 0.43, 0.48),
          8, List.of(0.68, 0.67, 0.87),
          16, List.of(1.25, 1.74, 1.59),
          32, List.of(2.86, 3.10, 4.27),
          64, List.of(8.06, 5.90, 6.16),
          128, List.of(30.88, 12.14, 14.65));

  private final ProcessMeter meter = new ProcessMeter();
  private final Consumer<String> progress;

  /**
   * @param progress is told what was measured last
   */
  public LinearBenchmark(Consumer<String> progress) {
    this.progress = progress;
  }

  /**
   * Measures.
   *
   * @param views numbers of views, each above 0
   * @param repeats of which the best counts
   */
  public Table run(List<Integer> views, int repeats, int threads) throws IOException {
    try (OpenNetwork softmax = OpenNetwork.open(Sizes.MID.softmax(), Device.cpu(), threads);
        OpenNetwork fast = OpenNetwork.open(Sizes.MID.fastWeights(), Device.cpu(), threads)) {
      Vggt.Options options = Vggt.Options.defaults();
      List<ForwardPass> passes =
          List.of(
              new ForwardPass(softmax.network(), options, DENSE_VIEWS),
              new ForwardPass(fast.network(), options.withSteps(1), DENSE_VIEWS),
              new ForwardPass(fast.network(), options.withSteps(2), DENSE_VIEWS));
      for (ForwardPass pass : passes) {
        pass.run(images(views.get(0)));
      }
      Map<Integer, List<Cost>> costs = new LinkedHashMap<>();
      for (int count : views) {
        costs.put(count, costs(passes, count, repeats));
      }
      return table(costs, repeats, threads);
    }
  }

  private static RandomImages images(int count) {
    return new RandomImages(count, SIDE, SIDE);
  }

  private List<Cost> costs(List<ForwardPass> passes, int views, int repeats) throws IOException {
    List<Cost> best = new ArrayList<>();
    for (int repeat = 0; repeat < repeats; repeat++) {
      for (int i = 0; i < passes.size(); i++) {
        ForwardPass pass = passes.get(i);
        Cost cost = meter.measure(() -> pass.run(images(views)));
        progress.accept(
            "%d views, %s: %.2f s, %.2f CPU s, %.0f MB"
                .formatted(
                    views,
                    VARIANTS.get(i),
                    cost.wallSeconds(),
                    cost.cpuSeconds(),
                    cost.peakMegabytes()));
        if (repeat == 0) {
          best.add(cost);
        } else {
          best.set(i, best.get(i).least(cost));
        }
      }
    }
    return best;
  }

  private Table table(Map<Integer, List<Cost>> costs, int repeats, int threads) {
    List<Map<String, Object>> rows = new ArrayList<>();
    costs.forEach((views, cost) -> rows.add(row(views, cost, costs.get(FROM_VIEWS))));
    List<String> notes = new ArrayList<>();
    notes.add(
        "s: wall seconds of a whole forward pass, best of %d; cpu: CPU seconds of the process; MB: peak resident memory%s; %d threads."
            .formatted(
                repeats,
                meter.resetsPeak() ? "" : " since the start (it cannot be reset here)",
                threads));
    notes.add("/view: time per view against that at 64 views.");
    notes.add(
        "ref cpu: CPU seconds of the reference's code (softmax / 1 step / 2 steps) on one core of another machine.");
    return new Table("linear", rows, notes);
  }

  private static Map<String, Object> row(int views, List<Cost> cost, List<Cost> from) {
    Map<String, Object> row = Table.row("views", views, "tokens", views * TOKENS_PER_VIEW);
    for (int i = 0; i < VARIANTS.size(); i++) {
      String variant = VARIANTS.get(i);
      row.put(variant + " s", cost.get(i).wallSeconds());
      row.put(variant + " cpu", cost.get(i).cpuSeconds());
      row.put(variant + " MB", cost.get(i).peakMegabytes());
    }
    row.put("softmax/ttt1", cost.get(0).wallSeconds() / cost.get(1).wallSeconds());
    for (int i = 1; i < VARIANTS.size(); i++) {
      double perView = cost.get(i).wallSeconds() / views;
      row.put(
          VARIANTS.get(i) + " /view",
          from == null ? Double.NaN : perView / (from.get(i).wallSeconds() / FROM_VIEWS));
    }
    List<Double> reference = REFERENCE.get(views);
    for (int i = 0; i < VARIANTS.size(); i++) {
      row.put("ref cpu " + VARIANTS.get(i), reference == null ? Double.NaN : reference.get(i));
    }
    return row;
  }
}
