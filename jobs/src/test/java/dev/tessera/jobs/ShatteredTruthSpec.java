package dev.tessera.jobs;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.PhotoSource;
import dev.tessera.reconstruct.Progress;
import dev.tessera.reconstruct.ReconstructionEngine;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.ScenePoints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The engine that knows the truth, but for chunks made mostly of some photos: in their scenes each
 * view is right in itself, and none fits another.
 *
 * @param photos names of the photos that go wrong together
 * @param room chunks with no more views than this come out right all the same
 */
record ShatteredTruthSpec(TruthSpec truth, Set<String> photos, int room) implements EngineSpec {
  /** A chunk goes wrong if more than this part of its views are among the photos. */
  private static final double MOST = 0.75;

  /** Each view's scale is so many times that of the one before. */
  private static final double STEP = 1.5;

  /** Numbers of views of all chunks that were tried in this JVM. */
  private static final Queue<Integer> TRIED = new ConcurrentLinkedQueue<>();

  /** How many chunks were tried since this was asked last. */
  static int tried() {
    int tried = TRIED.size();
    TRIED.clear();
    return tried;
  }

  @Override
  public String engineName() {
    return "shattered-truth";
  }

  @Override
  public String fingerprint() {
    return "shattered-%d %s".formatted(room, truth.fingerprint());
  }

  @Override
  public ReconstructionEngine open(int threads) {
    return new Engine(truth.open(threads));
  }

  private final class Engine implements ReconstructionEngine {
    private final ReconstructionEngine straight;

    private Engine(ReconstructionEngine straight) {
      this.straight = straight;
    }

    @Override
    public ChunkOutcome reconstruct(ChunkViews chunk, PhotoSource source, Progress progress)
        throws IOException {
      TRIED.add(chunk.views().size());
      ChunkOutcome outcome = straight.reconstruct(chunk, source, progress);
      long wrong = chunk.views().stream().filter(v -> photos.contains(v.name())).count();
      boolean goesWrong = chunk.views().size() > room && wrong > MOST * chunk.views().size();
      return goesWrong && outcome instanceof ChunkOutcome.Reconstructed whole
          ? new ChunkOutcome.Reconstructed(shattered(chunk, whole.scene()))
          : outcome;
    }

    @Override
    public int maxViews(long memoryBytes, long pixelsPerView) {
      return straight.maxViews(memoryBytes, pixelsPerView);
    }

    @Override
    public void close() {
      straight.close();
    }
  }

  private ChunkScene shattered(ChunkViews chunk, ChunkScene scene) {
    Map<ViewId, Double> scales = new HashMap<>();
    for (View view : chunk.views()) {
      scales.put(view.id(), Math.pow(STEP, scales.size()));
    }
    Vec3 pivot = scene.points().position(0);
    List<SceneCamera> cameras = new ArrayList<>();
    for (SceneCamera c : scene.cameras()) {
      Rigid3 moved = about(pivot, scales.get(c.view())).moveCamera(c.cameraFromChunk());
      cameras.add(
          new SceneCamera(
              c.view(), moved, c.intrinsics(), c.observations(), c.reprojectionRmsPixels()));
    }
    return new ChunkScene(
        scene.chunk(),
        cameras,
        torn(scene, scales, pivot),
        scene.unregistered(),
        scene.residuals(),
        scene.memory());
  }

  /** Every point once for each view that sees it, where that view has it. */
  private static ScenePoints torn(ChunkScene scene, Map<ViewId, Double> scales, Vec3 pivot) {
    ScenePoints points = scene.points();
    List<Vec3> positions = new ArrayList<>();
    List<List<Integer>> seenBy = new ArrayList<>();
    for (int i = 0; i < points.count(); i++) {
      Map<Double, List<Integer>> byScale = new TreeMap<>();
      for (int o = points.observationsBegin(i); o < points.observationsEnd(i); o++) {
        double scale = scales.get(scene.cameras().get(points.cameraOf(o)).view());
        byScale.computeIfAbsent(scale, k -> new ArrayList<>()).add(o);
      }
      Vec3 x = points.position(i);
      byScale.forEach((scale, seen) -> positions.add(about(pivot, scale).apply(x)));
      seenBy.addAll(byScale.values());
    }
    int n = positions.size();
    float[] xyz = new float[3 * n];
    float[] confidence = new float[n];
    int[] start = new int[n + 1];
    int[] camera = new int[points.observationCount()];
    float[] pixel = new float[2 * camera.length];
    for (int i = 0, next = 0; i < n; i++) {
      xyz[3 * i] = (float) positions.get(i).x();
      xyz[3 * i + 1] = (float) positions.get(i).y();
      xyz[3 * i + 2] = (float) positions.get(i).z();
      confidence[i] = 1;
      for (int o : seenBy.get(i)) {
        camera[next] = points.cameraOf(o);
        pixel[2 * next] = points.uOf(o);
        pixel[2 * next++ + 1] = points.vOf(o);
      }
      start[i + 1] = next;
    }
    return new ScenePoints(xyz, new byte[3 * n], confidence, start, camera, pixel);
  }

  private static Sim3 about(Vec3 pivot, double scale) {
    return new Sim3(scale, Quaternion.IDENTITY, pivot.times(1 - scale));
  }
}
