package dev.tessera.reconstruct;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.OpenCv;
import dev.tessera.imagery.PositionPrior;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.imgcodecs.Imgcodecs;

/**
 * Rendered photos of a small place with known cameras: a textured plane with boxes on it, seen
 * obliquely from a path. Ray by ray, no lights; the texture is value noise of several octaves.
 */
final class TexturedTown {
  static final int WIDTH = 480;
  static final int HEIGHT = 360;
  static final double FOCAL_PIXELS = 420;

  private static final LocalFrame WORLD = new LocalFrame(new GeoPoint(48, 8, 200));

  /** Boxes: x0, x1, y0, y1, height, in metres. */
  private static final double[][] BOXES = {
    {-9, -3, 2, 7, 4}, {1, 6, 6, 10, 6}, {7, 12, -2, 3, 3}, {-4, 0, 11, 15, 7}, {13, 18, 7, 12, 5}
  };

  private final List<View> views = new ArrayList<>();
  private final Map<ViewId, byte[]> files = new HashMap<>();
  private final Map<ViewId, Rigid3> truth = new HashMap<>();

  private TexturedTown() {}

  /** Cameras in a row, two metres apart, looking north and down at the boxes. */
  static TexturedTown seen(int cameras) {
    OpenCv.ensureLoaded();
    TexturedTown town = new TexturedTown();
    for (int i = 0; i < cameras; i++) {
      Vec3 center = new Vec3(2.0 * i - 6, -14 + (i % 3), 12 + 0.7 * (i % 2));
      town.add(i, center, 0.04 * (i % 5 - 2));
    }
    return town;
  }

  private void add(int index, Vec3 center, double headingRadians) {
    Rigid3 cameraFromWorld = lookingNorth(center, headingRadians);
    byte[] file = encode(render(cameraFromWorld));
    String digest = PhotoSet.sha256(file);
    ViewId id = ViewId.ofSha256(digest);
    GeoPoint point = WORLD.toGeo(center);
    views.add(
        new View(
            id,
            "memory:/" + index + ".png",
            index + ".png",
            digest,
            WIDTH,
            HEIGHT,
            1,
            new FocalPrior(FOCAL_PIXELS, FocalPrior.Source.EQUIVALENT_35MM),
            "rendered",
            1000L * index,
            new PositionPrior(point, 1, 2, PositionPrior.Suspicion.NONE)));
    files.put(id, file);
    truth.put(id, cameraFromWorld);
  }

  /** Camera axes in the world: x east, y down and forward, z north and down by 35 degrees. */
  private static Rigid3 lookingNorth(Vec3 center, double headingRadians) {
    double tilt = Math.toRadians(35);
    double c = Math.cos(tilt);
    double s = Math.sin(tilt);
    Quaternion level = Quaternion.ofMatrix(new double[] {1, 0, 0, 0, -s, -c, 0, c, -s});
    Quaternion turned = level.times(Quaternion.ofRotationVector(new Vec3(0, 0, headingRadians)));
    return Rigid3.cameraFromWorld(turned, center);
  }

  private static byte[] render(Rigid3 cameraFromWorld) {
    Intrinsics camera = Intrinsics.centered(WIDTH, HEIGHT, FOCAL_PIXELS);
    Quaternion worldFromCamera = cameraFromWorld.rotation().inverse();
    Vec3 center = cameraFromWorld.center();
    byte[] gray = new byte[WIDTH * HEIGHT];
    for (int row = 0; row < HEIGHT; row++) {
      for (int column = 0; column < WIDTH; column++) {
        double[] ab = camera.undistort(column + 0.5, row + 0.5);
        Vec3 ray = worldFromCamera.rotate(new Vec3(ab[0], ab[1], 1));
        gray[row * WIDTH + column] = (byte) shade(center, ray);
      }
    }
    return gray;
  }

  private static int shade(Vec3 from, Vec3 ray) {
    double nearest = Double.POSITIVE_INFINITY;
    double u = 0;
    double v = 0;
    int face = 0;
    if (ray.z() < 0) {
      nearest = -from.z() / ray.z();
      u = from.x() + nearest * ray.x();
      v = from.y() + nearest * ray.y();
    }
    for (int b = 0; b < BOXES.length; b++) {
      double[] box = BOXES[b];
      double t = (box[4] - from.z()) / ray.z(); // roof
      double x = from.x() + t * ray.x();
      double y = from.y() + t * ray.y();
      if (t > 0 && t < nearest && inside(x, box[0], box[1]) && inside(y, box[2], box[3])) {
        nearest = t;
        u = x;
        v = y;
        face = 3 * b + 1;
      }
      t = (box[2] - from.y()) / ray.y(); // front
      x = from.x() + t * ray.x();
      double z = from.z() + t * ray.z();
      if (t > 0 && t < nearest && inside(x, box[0], box[1]) && inside(z, 0, box[4])) {
        nearest = t;
        u = x;
        v = z;
        face = 3 * b + 2;
      }
      double side = ray.x() > 0 ? box[0] : box[1];
      t = (side - from.x()) / ray.x();
      y = from.y() + t * ray.y();
      z = from.z() + t * ray.z();
      if (t > 0 && t < nearest && inside(y, box[2], box[3]) && inside(z, 0, box[4])) {
        nearest = t;
        u = y;
        v = z;
        face = 3 * b + 3;
      }
    }
    return Double.isInfinite(nearest) ? 200 : texture(u, v, face);
  }

  private static boolean inside(double value, double low, double high) {
    return value >= low && value <= high;
  }

  private static int texture(double u, double v, int face) {
    double sum = 0;
    double amplitude = 70;
    double frequency = 0.7;
    for (int octave = 0; octave < 4; octave++) {
      sum += amplitude * noise(u * frequency, v * frequency, 97 * face + octave);
      amplitude *= 0.75;
      frequency *= 2;
    }
    return (int) Math.max(0, Math.min(255, 128 + sum));
  }

  /** Value noise in [-1, 1], smooth between the corners of the unit lattice. */
  private static double noise(double x, double y, int seed) {
    long column = (long) Math.floor(x);
    long row = (long) Math.floor(y);
    double fx = smooth(x - column);
    double fy = smooth(y - row);
    double low = corner(column, row, seed) * (1 - fx) + corner(column + 1, row, seed) * fx;
    double high = corner(column, row + 1, seed) * (1 - fx) + corner(column + 1, row + 1, seed) * fx;
    return low * (1 - fy) + high * fy;
  }

  private static double smooth(double t) {
    return t * t * (3 - 2 * t);
  }

  private static double corner(long column, long row, int seed) {
    long h = column * 0x9E3779B97F4A7C15L + row * 0xC2B2AE3D27D4EB4FL + seed * 0x165667B19E3779F9L;
    h ^= h >>> 31;
    h *= 0xBF58476D1CE4E5B9L;
    h ^= h >>> 27;
    h *= 0x94D049BB133111EBL;
    h ^= h >>> 31;
    return (h >>> 11) * 0x1.0p-52 - 1;
  }

  private static byte[] encode(byte[] gray) {
    Mat image = new Mat(HEIGHT, WIDTH, CvType.CV_8UC1);
    image.put(0, 0, gray);
    MatOfByte png = new MatOfByte();
    Imgcodecs.imencode(".png", image, png);
    byte[] file = png.toArray();
    image.release();
    png.release();
    return file;
  }

  ChunkViews chunk() {
    return chunk(0, views.size());
  }

  /** Views from {@code begin} (inclusive) to {@code end} (exclusive). */
  ChunkViews chunk(int begin, int end) {
    return new ChunkViews(new ChunkId(begin), WORLD, views.subList(begin, end));
  }

  PhotoSource photos() {
    return view -> files.get(view.id());
  }

  /** Where the camera really is, ENU metres. */
  Rigid3 truth(ViewId view) {
    return truth.get(view);
  }

  Vec3 center(ViewId view) {
    return truth.get(view).center();
  }
}
