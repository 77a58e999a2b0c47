package dev.tessera.jobs;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.View;
import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkScene.Unregistered;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.PhotoPose;
import dev.tessera.reconstruct.PhotoSource;
import dev.tessera.reconstruct.Progress;
import dev.tessera.reconstruct.ReconstructionEngine;
import dev.tessera.reconstruct.ResidualHistogram;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.SceneMemory.Tensor;
import dev.tessera.reconstruct.ScenePoints;
import dev.tessera.synthetic.SurfacePoint;
import dev.tessera.synthetic.SyntheticTown;
import dev.tessera.synthetic.SyntheticTracks;
import dev.tessera.synthetic.SyntheticTracks.Observation;
import dev.tessera.synthetic.TownCamera;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;

/**
 * An engine that knows a made-up town: its scenes are exact, each in a random gauge, and what a
 * scene remembers is its gauge and where its cameras are. It knows photos by their names.
 *
 * @param version of its code, as other engines have one
 */
record TruthSpec(int version, long townSeed, List<TownCamera> cameras) implements EngineSpec {
  /** Points of the town that scenes are made of, over the whole flight. */
  private static final int POINTS = 3000;

  private static final double HALF_EXTENT_METERS = 80;

  /** A scene knows photos that were taken no farther from its cameras. */
  private static final double KNOWN_METERS = 100;

  /** Name of a photo that it cannot stand. */
  static final String PUZZLE = "puzzle.jpg";

  private static final String KIND = "truth";

  @Override
  public String engineName() {
    return "truth";
  }

  @Override
  public String fingerprint() {
    return "truth-%d town=%d".formatted(version, townSeed);
  }

  @Override
  public ReconstructionEngine open(int threads) {
    return new Engine();
  }

  /** The photo's exact camera, or null for a photo of somewhere else. */
  TownCamera camera(View view) {
    return cameras.stream().filter(c -> c.name().equals(view.name())).findFirst().orElse(null);
  }

  private final class Engine implements ReconstructionEngine {
    @Override
    public ChunkOutcome reconstruct(ChunkViews chunk, PhotoSource photos, Progress progress) {
      Sim3 chunkFromWorld = randomGauge(new Random(chunk.views().get(0).id().value()));
      List<View> known = chunk.views().stream().filter(view -> camera(view) != null).toList();
      List<TownCamera> truth = known.stream().map(TruthSpec.this::camera).toList();
      SyntheticTown town = SyntheticTown.seeded(townSeed);
      List<SurfacePoint> points = town.scenePoints(townSeed, POINTS, HALF_EXTENT_METERS);
      SyntheticTracks tracks = SyntheticTracks.of(town, truth, points, 0, townSeed);
      List<SceneCamera> registered = new ArrayList<>();
      for (int i = 0; i < known.size(); i++) {
        Rigid3 cameraFromChunk = chunkFromWorld.moveCamera(truth.get(i).cameraFromWorld());
        registered.add(
            new SceneCamera(
                known.get(i).id(), cameraFromChunk, truth.get(i).intrinsics(), 100, Double.NaN));
      }
      List<Unregistered> strangers =
          chunk.views().stream()
              .filter(view -> camera(view) == null)
              .map(v -> new Unregistered(v.id(), Unregistered.Reason.POSE_NOT_FOUND, "a stranger"))
              .toList();
      return new ChunkOutcome.Reconstructed(
          new ChunkScene(
              chunk.chunk(),
              registered,
              scenePoints(tracks, chunkFromWorld),
              strangers,
              ResidualHistogram.empty(),
              memory(chunkFromWorld, registered)));
    }

    @Override
    public PhotoPose locate(SceneMemory memory, View photo, PhotoSource photos) throws IOException {
      if (photos.read(photo).length == 0) {
        throw new IOException("Photo " + photo.name() + " has become empty");
      }
      if (photo.name().equals(PUZZLE)) {
        throw new IllegalStateException("This puzzles me");
      }
      TownCamera truth = camera(photo);
      if (truth == null) {
        return new PhotoPose.NotLocated(PhotoPose.Reason.POSE_NOT_FOUND, "a stranger");
      }
      double[] g = numbers(memory.tensor("chunk_from_world"));
      Sim3 chunkFromWorld =
          new Sim3(g[0], new Quaternion(g[1], g[2], g[3], g[4]), new Vec3(g[5], g[6], g[7]));
      Rigid3 cameraFromChunk = chunkFromWorld.moveCamera(truth.cameraFromWorld());
      double meters = nearest(numbers(memory.tensor("centers")), cameraFromChunk.center()) / g[0];
      return meters > KNOWN_METERS
          ? new PhotoPose.NotLocated(PhotoPose.Reason.POSE_NOT_FOUND, "too far away")
          : new PhotoPose.Located(cameraFromChunk, truth.intrinsics(), confidence(meters), null);
    }

    @Override
    public int maxViews(long memoryBytes, long pixelsPerView) {
      return Integer.MAX_VALUE;
    }

    @Override
    public void close() {
      // holds nothing
    }
  }

  /** The less sure the farther a photo was taken from the nearest camera of a scene. */
  static double confidence(double metersFromNearestCamera) {
    return 1 - metersFromNearestCamera / KNOWN_METERS;
  }

  private static Sim3 randomGauge(Random random) {
    Vec3 turn = new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
    Vec3 move = new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
    return new Sim3(
        Math.exp(random.nextGaussian()) / 10, Quaternion.ofRotationVector(turn), move.times(5));
  }

  /** The points that at least two cameras see. */
  private static ScenePoints scenePoints(SyntheticTracks tracks, Sim3 chunkFromWorld) {
    List<List<Observation>> byPoint = new ArrayList<>();
    tracks.points().forEach(point -> byPoint.add(new ArrayList<>()));
    tracks.observations().forEach(o -> byPoint.get(o.point()).add(o));
    List<List<Observation>> seen = byPoint.stream().filter(o -> o.size() > 1).toList();
    int observations = seen.stream().mapToInt(List::size).sum();
    float[] xyz = new float[3 * seen.size()];
    float[] confidence = new float[seen.size()];
    int[] start = new int[seen.size() + 1];
    int[] camera = new int[observations];
    float[] pixel = new float[2 * observations];
    for (int i = 0, next = 0; i < seen.size(); i++) {
      Vec3 x = chunkFromWorld.apply(tracks.points().get(seen.get(i).get(0).point()).position());
      xyz[3 * i] = (float) x.x();
      xyz[3 * i + 1] = (float) x.y();
      xyz[3 * i + 2] = (float) x.z();
      confidence[i] = 1;
      for (Observation o : seen.get(i)) {
        camera[next] = o.camera();
        pixel[2 * next] = (float) o.u();
        pixel[2 * next++ + 1] = (float) o.v();
      }
      start[i + 1] = next;
    }
    return new ScenePoints(xyz, new byte[xyz.length], confidence, start, camera, pixel);
  }

  private static SceneMemory memory(Sim3 chunkFromWorld, List<SceneCamera> cameras) {
    Quaternion q = chunkFromWorld.rotation();
    Vec3 t = chunkFromWorld.translation();
    double[] centers =
        cameras.stream()
            .map(c -> c.cameraFromChunk().center())
            .flatMapToDouble(c -> DoubleStream.of(c.x(), c.y(), c.z()))
            .toArray();
    return new SceneMemory(
        KIND,
        List.of(
            tensor(
                "chunk_from_world",
                List.of(8),
                chunkFromWorld.scale(),
                q.w(),
                q.x(),
                q.y(),
                q.z(),
                t.x(),
                t.y(),
                t.z()),
            tensor("centers", List.of(cameras.size(), 3), centers)));
  }

  private static Tensor tensor(String name, List<Integer> shape, double... numbers) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Double.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(numbers);
    return new Tensor(name, "F64", shape, bytes.array());
  }

  private static double[] numbers(Tensor tensor) {
    ByteBuffer bytes = ByteBuffer.wrap(tensor.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    double[] numbers = new double[tensor.bytes().length / Double.BYTES];
    bytes.asDoubleBuffer().get(numbers);
    return numbers;
  }

  private static double nearest(double[] centers, Vec3 x) {
    double nearest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < centers.length; i += 3) {
      Vec3 center = new Vec3(centers[i], centers[i + 1], centers[i + 2]);
      nearest = Math.min(nearest, center.distanceTo(x));
    }
    return nearest;
  }
}
