package dev.tessera.reconstruct;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.landmarks.KeyProjection;
import dev.tessera.landmarks.LandmarkMemory;
import dev.tessera.landmarks.SeenPoints;
import dev.tessera.reconstruct.SceneMemory.Tensor;
import dev.tessera.sfm.PointLooks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the classical engine remembers of a scene: landmarks, and the lenses they were seen through.
 * As a {@link SceneMemory} its layout is that of docs/format.md, "Landmarks".
 *
 * @param lenses by {@link #cameraCode} of the camera model
 */
public record SceneLandmarks(LandmarkMemory landmarks, Map<Long, Intrinsics> lenses) {
  private static final int LENS_NUMBERS = 7;

  private static final double MAX_FOCAL_SIGMAS = 2;

  /** Remembers a scene that has just been made. */
  public static SceneLandmarks of(ChunkViews chunk, ChunkScene scene, PointLooks looks) {
    return new SceneLandmarks(LandmarkMemory.write(new Seen(scene), looks), lenses(chunk, scene));
  }

  /** The memory of the scene as it is now, which has moved but is otherwise the same. */
  SceneLandmarks moved(ChunkViews chunk, ChunkScene scene) {
    return new SceneLandmarks(landmarks.moved(new Seen(scene)), lenses(chunk, scene));
  }

  /** The lens of a photo, if the scene has photos of its camera. */
  Optional<Intrinsics> lensOf(View photo) {
    return Optional.ofNullable(lenses.get(cameraCode(photo.cameraModel())))
        .filter(k -> k.width() == photo.width() && k.height() == photo.height());
  }

  /**
   * Median over the cameras that both scenes have of log(focal length here / there); 0 if they have
   * none in common.
   */
  public double logFocalRatioTo(SceneLandmarks other) {
    double[] logs =
        lenses.keySet().stream()
            .filter(other.lenses::containsKey)
            .mapToDouble(
                c -> Math.log(lenses.get(c).focalPixels() / other.lenses.get(c).focalPixels()))
            .toArray();
    return logs.length == 0 ? 0 : RobustScale.median(logs);
  }

  /**
   * The lenses that the photo may have been taken through, for all that its header says: it was
   * made larger or smaller then, or it is the middle of what the sensor saw (digital zoom).
   */
  List<Intrinsics> lensesLike(View photo) {
    return lenses.values().stream()
        .flatMap(k -> Stream.of(scaled(k, photo), scaled(k, photo, 1)))
        .filter(k -> sigmas(k.focalPixels(), photo.focal()) <= MAX_FOCAL_SIGMAS)
        .distinct()
        .toList();
  }

  /** Across the whole photo. */
  private static Intrinsics scaled(Intrinsics k, View photo) {
    return scaled(k, photo, photo.width() / (double) k.width());
  }

  /** In a photo of another size, of which it has the middle. */
  private static Intrinsics scaled(Intrinsics k, View photo, double s) {
    return new Intrinsics(
        photo.width(),
        photo.height(),
        s * k.focalPixels(),
        photo.width() / 2.0 + s * (k.cx() - k.width() / 2.0),
        photo.height() / 2.0 + s * (k.cy() - k.height() / 2.0),
        k.k1(),
        k.k2());
  }

  private static double sigmas(double focal, FocalPrior prior) {
    return Math.abs(Math.log(focal / prior.pixels())) / prior.source().relativeSigma();
  }

  private static Map<Long, Intrinsics> lenses(ChunkViews chunk, ChunkScene scene) {
    Map<ViewId, View> views = new HashMap<>();
    chunk.views().forEach(view -> views.put(view.id(), view));
    Map<Long, Intrinsics> lenses = new TreeMap<>();
    for (SceneCamera camera : scene.cameras()) {
      String model = views.get(camera.view()).cameraModel();
      lenses.putIfAbsent(cameraCode(model), camera.intrinsics());
    }
    return lenses;
  }

  /** 64-bit FNV-1a hash (Fowler, Noll, Vo) of a camera model's UTF-8 bytes. */
  static long cameraCode(String cameraModel) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : cameraModel.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /** The scene's points as {@link LandmarkMemory} sees them. */
  private record Seen(ChunkScene scene) implements SeenPoints {
    @Override
    public int points() {
      return scene.points().count();
    }

    @Override
    public int cameras() {
      return scene.cameras().size();
    }

    @Override
    public int width(int camera) {
      return scene.cameras().get(camera).intrinsics().width();
    }

    @Override
    public int height(int camera) {
      return scene.cameras().get(camera).intrinsics().height();
    }

    @Override
    public int begin(int point) {
      return scene.points().observationStart()[point];
    }

    @Override
    public int camera(int observation) {
      return scene.points().cameraOf(observation);
    }

    @Override
    public float u(int observation) {
      return scene.points().uOf(observation);
    }

    @Override
    public float v(int observation) {
      return scene.points().vOf(observation);
    }

    @Override
    public float confidence(int point) {
      return scene.points().confidence(point);
    }

    @Override
    public double coordinate(int point, int axis) {
      return scene.points().xyz()[3 * point + axis];
    }
  }

  /** As named tensors; {@link SceneMemory#NONE} without a landmark. */
  public SceneMemory toTensors() {
    int count = landmarks.count();
    if (count == 0) {
      return SceneMemory.NONE;
    }
    ByteBuffer values = bytes(2 * landmarks.values().length);
    for (short v : landmarks.values()) {
      values.putShort(v);
    }
    ByteBuffer cameras = bytes(8 * lenses.size());
    ByteBuffer numbers = bytes(8 * LENS_NUMBERS * lenses.size());
    lenses.forEach(
        (camera, k) -> {
          cameras.putLong(camera);
          numbers.putDouble(k.width()).putDouble(k.height()).putDouble(k.focalPixels());
          numbers.putDouble(k.cx()).putDouble(k.cy()).putDouble(k.k1()).putDouble(k.k2());
        });
    Vec3 low = landmarks.low();
    Vec3 high = landmarks.high();
    ByteBuffer box = bytes(48).putDouble(low.x()).putDouble(low.y()).putDouble(low.z());
    box.putDouble(high.x()).putDouble(high.y()).putDouble(high.z());
    return new SceneMemory(
        SceneMemory.LANDMARKS,
        List.of(
            tensor("version", "I32", List.of(), bytes(4).putInt(LandmarkMemory.VERSION)),
            tensor("projection_seed", "I64", List.of(), bytes(8).putLong(landmarks.seed())),
            tensor("key_step", "F64", List.of(), bytes(8).putDouble(LandmarkMemory.KEY_STEP)),
            new Tensor(
                SceneMemory.KEYS, "I8", List.of(count, KeyProjection.KEY_LENGTH), landmarks.keys()),
            tensor("box", "F64", List.of(2, 3), box),
            tensor("values", "U16", List.of(count, 3), values),
            tensor("lens_cameras", "U64", List.of(lenses.size()), cameras),
            tensor("lenses", "F64", List.of(lenses.size(), LENS_NUMBERS), numbers)));
  }

  /**
   * Reads what {@link #toTensors} wrote.
   *
   * @throws IllegalArgumentException if it is of another kind, version or key step
   */
  public static SceneLandmarks of(SceneMemory memory) {
    require(SceneMemory.LANDMARKS.equals(memory.kind()), "its kind is " + memory.kind());
    int version = buffer(memory, "version").getInt();
    require(version == LandmarkMemory.VERSION, "its version is " + version);
    double step = buffer(memory, "key_step").getDouble();
    require(step == LandmarkMemory.KEY_STEP, "its key step is " + step);
    ByteBuffer box = buffer(memory, "box");
    Vec3 low = new Vec3(box.getDouble(), box.getDouble(), box.getDouble());
    Vec3 high = new Vec3(box.getDouble(), box.getDouble(), box.getDouble());
    ByteBuffer stored = buffer(memory, "values");
    short[] values = new short[stored.remaining() / 2];
    stored.asShortBuffer().get(values);
    ByteBuffer cameras = buffer(memory, "lens_cameras");
    ByteBuffer numbers = buffer(memory, "lenses");
    Map<Long, Intrinsics> lenses = new TreeMap<>();
    while (cameras.hasRemaining()) {
      lenses.put(cameras.getLong(), lens(numbers));
    }
    byte[] keys = memory.tensor(SceneMemory.KEYS).bytes();
    long seed = buffer(memory, "projection_seed").getLong();
    return new SceneLandmarks(new LandmarkMemory(seed, keys, values, low, high), lenses);
  }

  private static Intrinsics lens(ByteBuffer n) {
    return new Intrinsics(
        (int) n.getDouble(),
        (int) n.getDouble(),
        n.getDouble(),
        n.getDouble(),
        n.getDouble(),
        n.getDouble(),
        n.getDouble());
  }

  private static void require(boolean condition, String why) {
    if (!condition) {
      throw new IllegalArgumentException(
          "Cannot read landmarks of version %d: %s".formatted(LandmarkMemory.VERSION, why));
    }
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer buffer(SceneMemory memory, String name) {
    return ByteBuffer.wrap(memory.tensor(name).bytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Tensor tensor(String name, String dtype, List<Integer> shape, ByteBuffer bytes) {
    return new Tensor(name, dtype, shape, bytes.array());
  }
}
