package dev.tessera.merge;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ResidualHistogram;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.ScenePoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * Cameras over random points in metres, from which scenes of chunks are cut; the truth is known.
 */
final class SyntheticTown {
  static final Intrinsics LENS = Intrinsics.centered(2000, 1500, 1600);

  final List<Rigid3> cameraFromWorld = new ArrayList<>();
  final List<Vec3> pointsInWorld = new ArrayList<>();

  /** How far a scene is from the truth. Angles in degrees, lengths in metres of the world. */
  record Noise(double rotationDegrees, double centerMeters, double pointMeters) {
    static final Noise NONE = new Noise(0, 0, 0);
  }

  /**
   * A grid of cameras 10 m apart that look down at a slant in all directions, 30 m above rough
   * ground.
   */
  static SyntheticTown grid(int columns, int rows, long seed) {
    SyntheticTown town = new SyntheticTown();
    Random random = new Random(seed);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        Vec3 center = new Vec3(column * 10, row * 10, 30).plus(gaussian(random).times(1.5));
        town.cameraFromWorld.add(slanted(random.nextDouble() * 360, 60, center));
      }
    }
    town.scatter(columns * rows * 40, columns * 10, rows * 10, random);
    return town;
  }

  /** Cameras on a straight street, all looking sideways at a facade, upright and level. */
  static SyntheticTown street(int cameras, long seed) {
    SyntheticTown town = new SyntheticTown();
    Random random = new Random(seed);
    for (int i = 0; i < cameras; i++) {
      town.cameraFromWorld.add(slanted(0, 0, new Vec3(i * 5, 0, 1.7)));
    }
    for (int i = 0; i < cameras * 60; i++) {
      town.pointsInWorld.add(
          new Vec3(
              random.nextDouble() * cameras * 5,
              15 + random.nextGaussian(),
              random.nextDouble() * 8));
    }
    return town;
  }

  /** Upright camera that looks {@code pitch} degrees down, heading clockwise from north. */
  static Rigid3 slanted(double headingDegrees, double pitchDegrees, Vec3 center) {
    double heading = Math.toRadians(headingDegrees);
    double pitch = Math.toRadians(pitchDegrees);
    Vec3 right = new Vec3(Math.cos(heading), -Math.sin(heading), 0);
    Vec3 ahead = new Vec3(Math.sin(heading), Math.cos(heading), 0);
    Vec3 forward = ahead.times(Math.cos(pitch)).plus(new Vec3(0, 0, -Math.sin(pitch)));
    Vec3 down = forward.cross(right);
    Quaternion rotation =
        Quaternion.ofMatrix(
            new double[] {
              right.x(), right.y(), right.z(),
              down.x(), down.y(), down.z(),
              forward.x(), forward.y(), forward.z()
            });
    return Rigid3.cameraFromWorld(rotation, center);
  }

  /** The scene of some views in the gauge {@code chunkFromWorld}. */
  ChunkScene scene(int chunk, List<Integer> views, Sim3 chunkFromWorld, Noise noise, long seed) {
    Random random = new Random(seed);
    Points points = new Points();
    for (Vec3 x : pointsInWorld) {
      points.add(x, views, chunkFromWorld, noise, random);
    }
    List<SceneCamera> cameras = new ArrayList<>();
    for (int view : views) {
      Rigid3 truth = cameraFromWorld.get(view);
      Vec3 center = truth.center().plus(gaussian(random).times(noise.centerMeters()));
      double sigma = Math.toRadians(noise.rotationDegrees());
      Quaternion shake = Quaternion.ofRotationVector(gaussian(random).times(sigma));
      Rigid3 noisy = Rigid3.cameraFromWorld(shake.times(truth.rotation()), center);
      cameras.add(
          new SceneCamera(new ViewId(view), chunkFromWorld.moveCamera(noisy), LENS, 100, 0.5));
    }
    return new ChunkScene(
        new ChunkId(chunk),
        cameras,
        points.build(),
        List.of(),
        ResidualHistogram.empty(),
        SceneMemory.NONE);
  }

  /** A scene with other points, and with confidences, in the same places of the photos. */
  static ChunkScene with(
      ChunkScene scene, List<SceneCamera> cameras, UnaryOperator<Vec3> moved, float[] confidence) {
    ScenePoints old = scene.points();
    int n = old.count();
    float[] xyz = new float[3 * n];
    int[] starts = new int[n + 1];
    int[] seenBy = new int[old.observationCount()];
    float[] pixels = new float[2 * seenBy.length];
    for (int i = 0; i < n; i++) {
      Vec3 x = moved.apply(old.position(i));
      xyz[3 * i] = (float) x.x();
      xyz[3 * i + 1] = (float) x.y();
      xyz[3 * i + 2] = (float) x.z();
      starts[i + 1] = old.observationsEnd(i);
    }
    for (int o = 0; o < seenBy.length; o++) {
      seenBy[o] = old.cameraOf(o);
      pixels[2 * o] = old.uOf(o);
      pixels[2 * o + 1] = old.vOf(o);
    }
    return new ChunkScene(
        scene.chunk(),
        cameras,
        new ScenePoints(xyz, new byte[3 * n], confidence, starts, seenBy, pixels),
        scene.unregistered(),
        scene.residuals(),
        scene.memory());
  }

  /** Points too large for their cameras: grown about the middle of the cameras. */
  static ChunkScene withScaledPoints(ChunkScene scene, double factor) {
    Vec3 middle = meanCenter(scene);
    return with(
        scene,
        scene.cameras(),
        x -> middle.plus(x.minus(middle).times(factor)),
        new float[scene.points().count()]);
  }

  /**
   * The other scene that nearly explains the same photos (Necker reversal): points mirrored in the
   * plane across the mean view, cameras turned so that they see them where they were.
   */
  static ChunkScene mirrored(ChunkScene scene) {
    Vec3 axis = Vec3.ZERO;
    for (SceneCamera camera : scene.cameras()) {
      axis = axis.plus(row(camera.cameraFromChunk(), 2));
    }
    Vec3 normal = axis.normalized();
    Vec3 ground = Vec3.ZERO;
    for (int i = 0; i < scene.points().count(); i++) {
      ground = ground.plus(scene.points().position(i).times(1.0 / scene.points().count()));
    }
    Vec3 pivot = ground;
    List<SceneCamera> cameras = new ArrayList<>();
    for (SceneCamera camera : scene.cameras()) {
      Rigid3 pose = camera.cameraFromChunk();
      Vec3 right = reflected(row(pose, 0), normal);
      Vec3 down = reflected(row(pose, 1), normal);
      Vec3 forward = right.cross(down);
      double depth = pose.apply(pivot).z();
      Vec3 ahead = pose.center().plus(row(pose, 2).times(depth));
      Vec3 seen = pivot.plus(reflected(ahead.minus(pivot), normal));
      Quaternion rotation =
          Quaternion.ofMatrix(
              new double[] {
                right.x(), right.y(), right.z(),
                down.x(), down.y(), down.z(),
                forward.x(), forward.y(), forward.z()
              });
      Rigid3 turned = Rigid3.cameraFromWorld(rotation, seen.minus(forward.times(depth)));
      cameras.add(new SceneCamera(camera.view(), turned, LENS, 100, 0.5));
    }
    return with(
        scene,
        cameras,
        x -> pivot.plus(reflected(x.minus(pivot), normal)),
        new float[scene.points().count()]);
  }

  private static Vec3 reflected(Vec3 v, Vec3 normal) {
    return v.minus(normal.times(2 * v.dot(normal)));
  }

  private static Vec3 row(Rigid3 cameraFromChunk, int i) {
    double[] r = cameraFromChunk.rotation().toMatrix();
    return new Vec3(r[3 * i], r[3 * i + 1], r[3 * i + 2]);
  }

  private static Vec3 meanCenter(ChunkScene scene) {
    Vec3 sum = Vec3.ZERO;
    for (SceneCamera camera : scene.cameras()) {
      sum = sum.plus(camera.cameraFromChunk().center());
    }
    return sum.times(1.0 / scene.cameras().size());
  }

  /** The positions of all cameras as GPS gives them. */
  List<GpsFix> fixes(double sigmaMeters, double errorMeters, long seed) {
    Random random = new Random(seed);
    List<GpsFix> fixes = new ArrayList<>();
    for (int i = 0; i < cameraFromWorld.size(); i++) {
      Vec3 error = gaussian(random).times(errorMeters);
      Vec3 position = cameraFromWorld.get(i).center().plus(error);
      fixes.add(new GpsFix(new ViewId(i), position, sigmaMeters, 2 * sigmaMeters));
    }
    return fixes;
  }

  /** A gauge as an engine might leave it: points near the origin, any turn, any scale. */
  static Sim3 randomGauge(Vec3 middleInWorld, Random random) {
    double scale = Math.exp(random.nextGaussian()) / 10;
    Quaternion rotation =
        new Quaternion(
            random.nextGaussian(),
            random.nextGaussian(),
            random.nextGaussian(),
            random.nextGaussian());
    Vec3 moved = rotation.rotate(middleInWorld).times(-scale);
    return new Sim3(scale, rotation, moved.plus(gaussian(random)));
  }

  static Vec3 gaussian(Random random) {
    return new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
  }

  private void scatter(int count, double width, double depth, Random random) {
    for (int i = 0; i < count; i++) {
      pointsInWorld.add(
          new Vec3(
              random.nextDouble() * (width + 40) - 20,
              random.nextDouble() * (depth + 40) - 20,
              random.nextDouble() * 8));
    }
  }

  /** Collects points that at least two of a chunk's views see. */
  private final class Points {
    private final List<Float> xyz = new ArrayList<>();
    private final List<Integer> starts = new ArrayList<>(List.of(0));
    private final List<Integer> cameras = new ArrayList<>();
    private final List<Float> pixels = new ArrayList<>();

    void add(Vec3 x, List<Integer> views, Sim3 chunkFromWorld, Noise noise, Random random) {
      List<Integer> seenBy = new ArrayList<>();
      for (int i = 0; i < views.size(); i++) {
        double[] pixel = LENS.project(cameraFromWorld.get(views.get(i)).apply(x));
        if (pixel[0] >= 0 && pixel[0] < 2000 && pixel[1] >= 0 && pixel[1] < 1500) {
          seenBy.add(i);
        }
      }
      if (seenBy.size() < 2) {
        return;
      }
      Vec3 inChunk = chunkFromWorld.apply(x.plus(gaussian(random).times(noise.pointMeters())));
      xyz.addAll(List.of((float) inChunk.x(), (float) inChunk.y(), (float) inChunk.z()));
      for (int i : seenBy) {
        double[] pixel = LENS.project(cameraFromWorld.get(views.get(i)).apply(x));
        cameras.add(i);
        pixels.addAll(List.of((float) pixel[0], (float) pixel[1]));
      }
      starts.add(cameras.size());
    }

    ScenePoints build() {
      int n = starts.size() - 1;
      return new ScenePoints(
          floats(xyz),
          new byte[3 * n],
          new float[n],
          starts.stream().mapToInt(Integer::intValue).toArray(),
          cameras.stream().mapToInt(Integer::intValue).toArray(),
          floats(pixels));
    }

    private static float[] floats(List<Float> values) {
      float[] array = new float[values.size()];
      for (int i = 0; i < array.length; i++) {
        array[i] = values.get(i);
      }
      return array;
    }
  }
}
