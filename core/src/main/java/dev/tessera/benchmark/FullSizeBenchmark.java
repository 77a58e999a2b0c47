package dev.tessera.benchmark;

import ai.djl.Device;
import dev.tessera.backbone.RandomNetwork;
import dev.tessera.backbone.Vggt;
import dev.tessera.benchmark.ProcessMeter.Cost;
import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.DType;
import dev.tessera.tensor.Precision;
import dev.tessera.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The released architecture at its full size: loading, and the parts of a forward pass. */
public final class FullSizeBenchmark {
  private static final long SEED = 20260221;

  /** Of VGG-T3's paper: one thousand images on one A100. */
  private static final double PAPER_SECONDS = 58;

  private static final int PAPER_VIEWS = 1000;

  private final ProcessMeter meter = new ProcessMeter();
  private final Consumer<String> progress;

  /**
   * What to measure.
   *
   * @param softmax VGGT-1B instead of VGG-T3
   * @param weights random weights are written here if there is no such file
   * @param views numbers of views, measured one after the other
   * @param denseViews views whose dense outputs are computed together
   */
  public record Config(
      boolean softmax,
      Path weights,
      List<Integer> views,
      int height,
      int width,
      List<Precision> precisions,
      Vggt.Options options,
      int denseViews,
      Device device,
      int threads) {}

  /**
   * @param progress is told what was measured last
   */
  public FullSizeBenchmark(Consumer<String> progress) {
    this.progress = progress;
  }

  /** Measures. */
  public Table run(Config config) throws IOException {
    RandomNetwork random = config.softmax() ? Sizes.FULL.softmax() : Sizes.FULL.fastWeights();
    if (!Files.exists(config.weights())) {
      Cost written =
          meter.measure(() -> random.write(config.weights(), DType.F32, SEED, numbers -> {}));
      progress.accept("random weights written in %.0f s".formatted(written.wallSeconds()));
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (Precision precision : config.precisions()) {
      long start = System.nanoTime();
      try (Checkpoint checkpoint = Checkpoint.open(config.weights());
          Vggt network =
              Vggt.open(
                  checkpoint, random.config(), config.device(), config.threads(), precision)) {
        double loaded = (System.nanoTime() - start) / 1e9;
        notes.add("%s: loaded in %.2f s.".formatted(precision, loaded));
        progress.accept(notes.get(notes.size() - 1));
        measure(config, network, rows);
      }
    }
    notes.add(
        "Seconds on the clock, single runs; MB: peak resident memory of the process%s."
            .formatted(meter.resetsPeak() ? "" : " since its start"));
    return new Table(config.softmax() ? "full size VGGT" : "full size VGG-T3", rows, notes);
  }

  private void measure(Config config, Vggt network, List<Map<String, Object>> rows)
      throws IOException {
    ForwardPass pass = new ForwardPass(network, config.options(), config.denseViews());
    pass.run(new RandomImages(1, config.height(), config.width())); // reads all weights once
    for (int views : config.views()) {
      RandomImages images = new RandomImages(views, config.height(), config.width());
      ForwardPass.Stages[] stages = new ForwardPass.Stages[1];
      Cost cost;
      try {
        cost = meter.measure(() -> stages[0] = pass.run(images));
      } catch (RuntimeException e) {
        if (!Torch.isOutOfMemory(e)) {
          throw e;
        }
        network.releaseCachedMemory();
        progress.accept("%s, %d views: out of memory".formatted(network.precision(), views));
        return;
      }
      rows.add(row(network.precision(), views, stages[0], cost));
      progress.accept(
          "%s, %d views: %.1f s".formatted(network.precision(), views, cost.wallSeconds()));
    }
  }

  private static Map<String, Object> row(
      Precision precision, int views, ForwardPass.Stages stages, Cost cost) {
    return Table.row(
        "precision",
        precision.name(),
        "views",
        views,
        "s",
        stages.total(),
        "s/view",
        stages.total() / views,
        "ViT",
        stages.vision() / views,
        "trunk",
        stages.trunk() / views,
        "camera",
        stages.camera() / views,
        "depth",
        stages.depth() / views,
        "points",
        stages.points() / views,
        "CPU s",
        cost.cpuSeconds(),
        "MB",
        cost.peakMegabytes(),
        "of the paper's s/view",
        stages.total() / views / (PAPER_SECONDS / PAPER_VIEWS));
  }
}
