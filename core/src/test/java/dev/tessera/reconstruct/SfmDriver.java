package dev.tessera.reconstruct;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Measures the engine on the real photo sets: {@code SfmDriver set [begin end | around view
 * count]}.
 */
final class SfmDriver {
  private SfmDriver() {}

  private static PhotoSet.Source source(String name) {
    Map<String, PhotoSet.Source> sources =
        Map.of(
            "fountain", PhotoSet.strecha("fountain-P11", false),
            "fountain-gps", PhotoSet.strecha("fountain-P11", true),
            "p25", PhotoSet.strecha("Herz-Jesus-P25", true),
            "p8", PhotoSet.strecha("Herz-Jesus-P8", true),
            "brighton", PhotoSet.brighton(),
            "seneca", PhotoSet.seneca(),
            "lund", PhotoSet.lund(),
            "kitti", PhotoSet.kitti(),
            "hall", PhotoSet.hall());
    return sources.get(name);
  }

  public static void main(String[] args) throws IOException {
    SfmSpec spec = SfmSpec.defaults();
    ReconstructionEngine engine = spec.open(2);
    PhotoSet set = PhotoSet.load(source(args[0]));
    ChunkViews chunk = set.chunk();
    if (args.length == 3) {
      chunk = set.chunk(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    } else if (args.length == 4) {
      chunk = set.chunkAround(Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    }
    long start = System.nanoTime();
    long[] last = {start};
    String[] lastStep = {""};
    ChunkOutcome outcome =
        engine.reconstruct(
            chunk,
            set.photos(),
            (step, done, total) -> {
              synchronized (last) {
                long now = System.nanoTime();
                if (!step.equals(lastStep[0]) || done == total) {
                  System.out.printf("  %6.2f s %s %d/%d%n", (now - start) / 1e9, step, done, total);
                }
                lastStep[0] = step;
                last[0] = now;
              }
            });
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf("%s %.2f s%n", args[0], seconds);
    if (outcome instanceof ChunkOutcome.Reconstructed reconstructed) {
      ChunkScene scene = reconstructed.scene();
      System.out.printf(
          "  registered %d/%d points %d obs %d median %.2f px f %.2f k1 %.4f k2 %.4f ATE %.4f%n",
          scene.cameras().size(),
          chunk.views().size(),
          scene.points().count(),
          scene.points().observationCount(),
          scene.residuals().medianPixels(),
          scene.cameras().get(0).intrinsics().focalPixels(),
          scene.cameras().get(0).intrinsics().k1(),
          scene.cameras().get(0).intrinsics().k2(),
          set.absoluteTrajectoryError(scene));
      set.errors(scene).entrySet().stream()
          .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
          .limit(4)
          .forEach(e -> System.out.printf("  %s off by %.3f%n", e.getKey(), e.getValue()));
      scene.unregistered().forEach(u -> System.out.println("  " + u.reason() + " " + u.detail()));
    } else {
      System.out.println("  " + outcome);
    }
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM")) {
        System.out.println("  " + line);
      }
    }
    engine.close();
  }
}
