package dev.tessera.synthetic;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.PhotoOutcome;
import dev.tessera.imagery.PhotoOutcome.Accepted;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.PositionPrior;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.ResidualHistogram;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.ScenePoints;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A survey from the air as tables, without a pixel: what the headers of any number of photos say,
 * and the scenes that a perfect engine would make of them, with a few points per photo. Photos lie
 * on lines flown to and fro, {@value #STEP_METERS} m apart and {@value #LINE_METERS} m from line to
 * line. Everything is a function of the seed and a photo's number: photos and scenes can be made in
 * any order, anywhere.
 *
 * <p>Of a thousand photos one is damaged, one is a copy of the photo before it, two have a position
 * far away, and ten have none.
 *
 * @param photosPerFolder photos of one folder were taken one after the other
 */
public record SyntheticSurvey(int photos, int photosPerFolder, long seed) implements Serializable {
  public static final double STEP_METERS = 5;
  public static final double LINE_METERS = 20;

  private static final double HEIGHT_METERS = 80;
  private static final double GPS_SIGMA_METERS = 2;
  private static final double GPS_UP_SIGMA_METERS = 4;
  private static final double JUMP_METERS = 3000;
  private static final int PER = 1000;

  private static final int WIDTH = 4000;
  private static final int HEIGHT = 3000;
  private static final double FOCAL_PIXELS = 3000;
  private static final long FIRST_CAPTURE_MILLIS = 1_700_000_000_000L;
  private static final GeoPoint ORIGIN = new GeoPoint(48.1374, 11.5755, 520);

  /** Half a turn about x: the camera looks down, the top of the photo is north. */
  private static final Quaternion DOWN = new Quaternion(0, 1, 0, 0);

  private static final int POINTS_PER_VIEW = 4;
  private static final double POINT_REACH_METERS = 20;
  private static final double RELIEF_METERS = 10;
  private static final double CHUNK_UNITS_PER_METER = 0.05;

  /** What may be wrong with a photo. */
  private enum Fate {
    DAMAGED(1),
    COPY(1),
    JUMP(2),
    WITHOUT_POSITION(10),
    NOTHING(PER);

    private final int perThousand;

    Fate(int perThousand) {
      this.perThousand = perThousand;
    }

    /** Deals the numbers below {@link #PER} to fates. */
    static Fate of(int number) {
      int rest = number;
      for (Fate fate : values()) {
        rest -= fate.perThousand;
        if (rest < 0) {
          return fate;
        }
      }
      return NOTHING;
    }
  }

  public SyntheticSurvey {
    if (photos < 1 || photosPerFolder < 1) {
      throw new IllegalArgumentException(
          "Cannot make %d photos, %d per folder".formatted(photos, photosPerFolder));
    }
  }

  /** What ingest would find in a file. */
  public PhotoOutcome photo(int index) {
    SplittableRandom random = random(index);
    Fate fate = Fate.of(random.nextInt(PER));
    String name = "flight-%06d/%09d.jpg".formatted(index / photosPerFolder, index);
    if (fate == Fate.DAMAGED) {
      return new Quarantined(uri(name), name, PhotoOutcome.Reason.TRUNCATED, "made up");
    }
    String sha256 = sha256(fate == Fate.COPY && index > 0 ? index - 1 : index);
    PositionPrior position =
        fate == Fate.WITHOUT_POSITION ? null : position(index, fate == Fate.JUMP, random);
    return new Accepted(view(index, name, sha256, position), List.of());
  }

  private static String uri(String name) {
    return "synthetic:/" + name;
  }

  private static View view(int index, String name, String sha256, PositionPrior position) {
    return new View(
        ViewId.ofSha256(sha256),
        uri(name),
        name,
        sha256,
        WIDTH,
        HEIGHT,
        1,
        new FocalPrior(FOCAL_PIXELS, FocalPrior.Source.EQUIVALENT_35MM),
        "survey camera",
        FIRST_CAPTURE_MILLIS + 1000L * index,
        position);
  }

  private PositionPrior position(int index, boolean jump, SplittableRandom random) {
    Vec3 noise =
        new Vec3(
            GPS_SIGMA_METERS * random.nextGaussian() + (jump ? JUMP_METERS : 0),
            GPS_SIGMA_METERS * random.nextGaussian(),
            GPS_UP_SIGMA_METERS * random.nextGaussian());
    return new PositionPrior(
        new LocalFrame(ORIGIN).toGeo(center(index).plus(noise)),
        GPS_SIGMA_METERS,
        GPS_UP_SIGMA_METERS,
        PositionPrior.Suspicion.NONE);
  }

  private String sha256(int index) {
    SplittableRandom random = random(~index);
    return "%016x%016x%016x%016x"
        .formatted(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  /** Streams whose seeds differ by the generator's step would be shifted copies: mixed first. */
  private SplittableRandom random(int index) {
    return new SplittableRandom(new SplittableRandom(seed ^ (long) index << 32).nextLong());
  }

  /** Where a photo was taken, ENU metres about the middle of the survey. */
  Vec3 center(int index) {
    int lines = (int) Math.ceil(Math.sqrt(photos * STEP_METERS / LINE_METERS));
    int perLine = (photos + lines - 1) / lines;
    int line = index / perLine;
    int step = line % 2 == 0 ? index % perLine : perLine - 1 - index % perLine;
    return new Vec3(
        (step - perLine / 2.0) * STEP_METERS, (line - lines / 2.0) * LINE_METERS, HEIGHT_METERS);
  }

  /** The scene of a chunk in a gauge of its own: true but for the gauge. */
  public ChunkScene scene(ChunkViews chunk) {
    List<View> views = chunk.views();
    int[] indices = views.stream().mapToInt(SyntheticSurvey::index).toArray();
    Sim3 chunkFromWorld = gauge(indices);
    Points points = points(indices, chunkFromWorld);
    List<SceneCamera> cameras = new ArrayList<>();
    for (int i = 0; i < indices.length; i++) {
      Rigid3 camera = chunkFromWorld.moveCamera(cameraFromWorld(indices[i]));
      cameras.add(
          new SceneCamera(views.get(i).id(), camera, intrinsics(), points.seenBy[i], Double.NaN));
    }
    return new ChunkScene(
        chunk.chunk(),
        cameras,
        points.toScene(),
        List.of(),
        ResidualHistogram.empty(),
        SceneMemory.NONE);
  }

  private static int index(View view) {
    int slash = view.name().lastIndexOf('/');
    return Integer.parseInt(view.name().substring(slash + 1, view.name().lastIndexOf('.')));
  }

  private Sim3 gauge(int[] indices) {
    Quaternion turn =
        Quaternion.ofRotationVector(new Vec3(0, 0, 2 * Math.PI * random(indices[0]).nextDouble()));
    Sim3 turned = new Sim3(CHUNK_UNITS_PER_METER, turn, Vec3.ZERO);
    Vec3 middle = turned.apply(center(indices[indices.length / 2]));
    return new Sim3(CHUNK_UNITS_PER_METER, turn, middle.times(-1));
  }

  private Rigid3 cameraFromWorld(int index) {
    return Rigid3.cameraFromWorld(DOWN, center(index));
  }

  private static Intrinsics intrinsics() {
    return Intrinsics.centered(WIDTH, HEIGHT, FOCAL_PIXELS);
  }

  /** Each photo has points below it, which the photos before and after it see as well. */
  private Points points(int[] indices, Sim3 chunkFromWorld) {
    Map<Integer, Integer> cameras = new HashMap<>();
    for (int i = 0; i < indices.length; i++) {
      cameras.put(indices[i], i);
    }
    Points points = new Points(indices.length);
    for (int index : indices) {
      List<Integer> seers = new ArrayList<>();
      for (int seer = index - 1; seer <= index + 1; seer++) {
        if (cameras.containsKey(seer)) {
          seers.add(seer);
        }
      }
      for (int k = 0; k < POINTS_PER_VIEW && seers.size() > 1; k++) {
        Vec3 x = below(index, k);
        points.start(chunkFromWorld.apply(x), Hashes.of(index, k, 1), seers.size());
        for (int seer : seers) {
          points.observe(cameras.get(seer), intrinsics().project(cameraFromWorld(seer).apply(x)));
        }
      }
    }
    return points;
  }

  private Vec3 below(int index, int k) {
    SplittableRandom random = random(index * POINTS_PER_VIEW + k);
    Vec3 center = center(index);
    return new Vec3(
        center.x() + POINT_REACH_METERS * (2 * random.nextDouble() - 1),
        center.y() + POINT_REACH_METERS * (2 * random.nextDouble() - 1),
        RELIEF_METERS * random.nextDouble());
  }

  /** The points of a scene as they come. */
  private static final class Points {
    private final List<Vec3> xInChunk = new ArrayList<>();
    private final List<Integer> rgb = new ArrayList<>();
    private final List<Integer> starts = new ArrayList<>(List.of(0));
    private final List<Integer> seers = new ArrayList<>();
    private final List<double[]> pixels = new ArrayList<>();
    private final List<Float> confidences = new ArrayList<>();
    private final int[] seenBy;

    Points(int cameras) {
      this.seenBy = new int[cameras];
    }

    void start(Vec3 x, int color, int observations) {
      xInChunk.add(x);
      rgb.add(color);
      confidences.add(1 - 1f / observations);
      starts.add(starts.get(starts.size() - 1) + observations);
    }

    void observe(int camera, double[] pixel) {
      seers.add(camera);
      pixels.add(pixel);
      seenBy[camera]++;
    }

    ScenePoints toScene() {
      int n = xInChunk.size();
      float[] xyz = new float[3 * n];
      byte[] colors = new byte[3 * n];
      float[] confidence = new float[n];
      for (int i = 0; i < n; i++) {
        Vec3 x = xInChunk.get(i);
        xyz[3 * i] = (float) x.x();
        xyz[3 * i + 1] = (float) x.y();
        xyz[3 * i + 2] = (float) x.z();
        colors[3 * i] = (byte) (rgb.get(i) >> 16);
        colors[3 * i + 1] = (byte) (rgb.get(i) >> 8);
        colors[3 * i + 2] = rgb.get(i).byteValue();
        confidence[i] = confidences.get(i);
      }
      float[] uv = new float[2 * pixels.size()];
      for (int o = 0; o < pixels.size(); o++) {
        uv[2 * o] = (float) pixels.get(o)[0];
        uv[2 * o + 1] = (float) pixels.get(o)[1];
      }
      return new ScenePoints(xyz, colors, confidence, ints(starts), ints(seers), uv);
    }

    private static int[] ints(List<Integer> values) {
      return values.stream().mapToInt(Integer::intValue).toArray();
    }
  }
}
