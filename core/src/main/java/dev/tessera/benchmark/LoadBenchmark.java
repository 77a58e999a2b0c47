package dev.tessera.benchmark;

import ai.djl.Device;
import dev.tessera.backbone.ConfigFile;
import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtConfig;
import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.Precision;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the tasks of one JVM pay for a network: loaded once for all of them, or by each for itself
 * and left to the JVM's end, as a transient field of a task's closure is.
 */
public final class LoadBenchmark {
  private final ProcessMeter meter = new ProcessMeter();

  /** Measures on the CPU, in float32. */
  public Table run(Checkpoint checkpoint, ConfigFile file, int tasks, int threads)
      throws IOException {
    VggtConfig config = VggtConfig.of(checkpoint, file);
    open(checkpoint, config, threads).close(); // libtorch itself is loaded once in any case
    List<Map<String, Object>> rows = new ArrayList<>();
    rows.add(row("once per JVM", 1, checkpoint, config, threads));
    rows.add(row("once per task", tasks, checkpoint, config, threads));
    return new Table(
        "load", rows, List.of("%d tasks; MB: by which the process grew.".formatted(tasks)));
  }

  private Map<String, Object> row(
      String loaded, int loads, Checkpoint checkpoint, VggtConfig config, int threads)
      throws IOException {
    List<Vggt> networks = new ArrayList<>();
    double before = meter.residentMegabytes();
    long start = System.nanoTime();
    try {
      for (int i = 0; i < loads; i++) {
        networks.add(open(checkpoint, config, threads));
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      double arrays = networks.stream().mapToInt(Vggt::heldArrays).sum();
      return Table.row(
          "loaded",
          loaded,
          "loads",
          loads,
          "s",
          seconds,
          "arrays",
          arrays,
          "MB",
          meter.residentMegabytes() - before);
    } finally {
      networks.forEach(Vggt::close);
    }
  }

  private static Vggt open(Checkpoint checkpoint, VggtConfig config, int threads) {
    return Vggt.open(checkpoint, config, Device.cpu(), threads, Precision.F32);
  }
}
