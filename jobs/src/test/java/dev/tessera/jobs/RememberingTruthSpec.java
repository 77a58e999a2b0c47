package dev.tessera.jobs;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.PhotoSource;
import dev.tessera.reconstruct.Progress;
import dev.tessera.reconstruct.ReconstructionEngine;
import dev.tessera.reconstruct.SceneLandmarks;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.ScenePoints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/**
 * The engine that knows the truth, and remembers it as landmarks: a point of the town looks the
 * same in every scene, and like no other point.
 */
record RememberingTruthSpec(TruthSpec truth) implements EngineSpec {
  private static final int DESCRIPTOR = 128;

  /** Points of the town are farther apart than this, and scenes are more exact. */
  private static final double SAME_POINT_METERS = 0.01;

  @Override
  public String engineName() {
    return "remembering-truth";
  }

  @Override
  public String fingerprint() {
    return "remembering " + truth.fingerprint();
  }

  @Override
  public boolean hasKeys() {
    return true;
  }

  @Override
  public ReconstructionEngine open(int threads) {
    return new Opened(truth.open(threads));
  }

  private record Opened(ReconstructionEngine engine) implements ReconstructionEngine {
    @Override
    public ChunkOutcome reconstruct(ChunkViews chunk, PhotoSource photos, Progress progress)
        throws IOException {
      ChunkOutcome outcome = engine.reconstruct(chunk, photos, progress);
      if (!(outcome instanceof ChunkOutcome.Reconstructed made)) {
        return outcome;
      }
      ChunkScene scene = made.scene();
      Sim3 worldFromChunk = chunkFromWorld(scene.memory()).inverse();
      ScenePoints points = scene.points();
      SceneMemory memory =
          SceneLandmarks.of(chunk, scene, p -> look(worldFromChunk.apply(points.position(p))))
              .toTensors();
      return new ChunkOutcome.Reconstructed(
          new ChunkScene(
              scene.chunk(),
              scene.cameras(),
              points,
              scene.unregistered(),
              scene.residuals(),
              memory));
    }

    @Override
    public int maxViews(long memoryBytes, long pixelsPerView) {
      return engine.maxViews(memoryBytes, pixelsPerView);
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  /** A unit vector that the place decides. */
  private static float[] look(Vec3 inWorld) {
    long seed = 17;
    for (double x : new double[] {inWorld.x(), inWorld.y(), inWorld.z()}) {
      seed = 1_000_003 * seed + Math.round(x / SAME_POINT_METERS / 8);
    }
    Random random = new Random(seed);
    float[] look = new float[DESCRIPTOR];
    double squares = 0;
    for (int i = 0; i < DESCRIPTOR; i++) {
      look[i] = (float) Math.abs(random.nextGaussian());
      squares += look[i] * look[i];
    }
    for (int i = 0; i < DESCRIPTOR; i++) {
      look[i] /= (float) Math.sqrt(squares);
    }
    return look;
  }

  private static Sim3 chunkFromWorld(SceneMemory memory) {
    double[] g = new double[8];
    ByteBuffer.wrap(memory.tensor("chunk_from_world").bytes())
        .order(ByteOrder.LITTLE_ENDIAN)
        .asDoubleBuffer()
        .get(g);
    return new Sim3(g[0], new Quaternion(g[1], g[2], g[3], g[4]), new Vec3(g[5], g[6], g[7]));
  }
}
