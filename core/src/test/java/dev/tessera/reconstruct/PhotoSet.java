package dev.tessera.reconstruct;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.OpenCv;
import dev.tessera.imagery.PositionPrior;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.opencv.core.Mat;
import org.opencv.imgcodecs.Imgcodecs;

/**
 * A folder of real photos with reference camera centres, read without the pipeline's own EXIF
 * reader. Lies outside the repository: in the folder of the environment variable TESSERA_SHARED,
 * else in {@code shared} beside the repository.
 */
public final class PhotoSet {
  /** Standard deviations that go with the GPS of the sets at hand, metres. */
  private static final double HORIZONTAL_SIGMA_METERS = 3;

  private static final double VERTICAL_SIGMA_METERS = 6;

  private final Path images;
  private final ChunkViews chunk;
  private final Map<ViewId, Vec3> truth;

  private PhotoSet(Path images, ChunkViews chunk, Map<ViewId, Vec3> truth) {
    this.images = images;
    this.chunk = chunk;
    this.truth = truth;
  }

  /** Which photos, which positions, which truth. */
  public record Source(
      String set,
      String imageFolder,
      FocalPrior focal,
      String gpsCsv,
      String[] gpsColumns,
      String truthCsv,
      String[] truthColumns) {}

  private static final String[] NOISY = {"lat_noisy", "lon_noisy", "alt_noisy"};
  private static final String[] GPS = {"lat", "lon", "alt"};
  private static final String[] CENTER = {"Cx", "Cy", "Cz"};
  private static final String[] PSEUDO = {"Cx_east", "Cy_north", "Cz_above_ground"};

  public static Source strecha(String name, boolean gps) {
    return new Source(
        "strecha-" + name,
        gps ? "images_gps" : "images",
        gps ? equivalent(920) : assumed(1024),
        gps ? "gps_synthetic.csv" : null,
        NOISY,
        "gt_cameras.csv",
        CENTER);
  }

  public static Source brighton() {
    return new Source(
        "brighton_beach", "images", equivalent(585), "gps.csv", GPS, "gt_pseudo.csv", PSEUDO);
  }

  public static Source seneca() {
    return new Source(
        "seneca",
        "images",
        new FocalPrior(710, FocalPrior.Source.FOCAL_PLANE),
        "gps.csv",
        GPS,
        "gt_pseudo.csv",
        PSEUDO);
  }

  public static Source lund() {
    return new Source("lund", "images", equivalent(1000), "gps.csv", GPS, "gt_pseudo.csv", PSEUDO);
  }

  public static Source kitti() {
    return new Source(
        "kitti06_0-50",
        "images_gps",
        equivalent(590),
        "gps_synthetic.csv",
        NOISY,
        "gt_cameras.csv",
        CENTER);
  }

  public static Source hall() {
    return new Source("cmvs_hall", "images", assumed(1024), null, GPS, "gt_cameras.csv", CENTER);
  }

  private static FocalPrior equivalent(double pixels) {
    return new FocalPrior(pixels, FocalPrior.Source.EQUIVALENT_35MM);
  }

  private static FocalPrior assumed(int longSide) {
    return new FocalPrior(1.2 * longSide, FocalPrior.Source.ASSUMED);
  }

  /** The folder that holds the photo sets, or null. */
  public static Path folder() {
    String named = System.getenv("TESSERA_SHARED");
    for (String candidate : new String[] {named, "../shared", "../../shared"}) {
      if (candidate != null && Files.isDirectory(Path.of(candidate, "data"))) {
        return Path.of(candidate, "data");
      }
    }
    return null;
  }

  public static boolean isThere(Source source) {
    return folder() != null && Files.isDirectory(folder().resolve(source.set));
  }

  public static PhotoSet load(Source source) throws IOException {
    OpenCv.ensureLoaded();
    Path set = folder().resolve(source.set);
    Path images = set.resolve(source.imageFolder);
    Map<String, Vec3> truthByName = new HashMap<>();
    for (CSVRecord row : rows(set.resolve(source.truthCsv))) {
      truthByName.put(row.get("image"), vector(row, source.truthColumns));
    }
    Map<String, Vec3> gps = new HashMap<>();
    if (source.gpsCsv != null) {
      for (CSVRecord row : rows(set.resolve(source.gpsCsv))) {
        gps.put(row.get("image"), vector(row, source.gpsColumns));
      }
    }
    List<View> views = new ArrayList<>();
    Map<ViewId, Vec3> truth = new HashMap<>();
    for (Path file : list(images)) {
      View view = view(file, source.focal, gps.get(file.getFileName().toString()));
      views.add(view);
      if (truthByName.containsKey(view.name())) {
        truth.put(view.id(), truthByName.get(view.name()));
      }
    }
    LocalFrame world =
        views.stream()
            .filter(View::hasPosition)
            .findFirst()
            .map(v -> new LocalFrame(v.position().point()))
            .orElse(null);
    return new PhotoSet(images, new ChunkViews(new ChunkId(0), world, views), truth);
  }

  private static View view(Path file, FocalPrior focal, Vec3 latLonAlt) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Mat image = Imgcodecs.imread(file.toString(), Imgcodecs.IMREAD_IGNORE_ORIENTATION);
    int width = image.width();
    int height = image.height();
    image.release();
    String digest = sha256(bytes);
    PositionPrior position =
        latLonAlt == null
            ? null
            : new PositionPrior(
                new GeoPoint(latLonAlt.x(), latLonAlt.y(), latLonAlt.z()),
                HORIZONTAL_SIGMA_METERS,
                VERTICAL_SIGMA_METERS,
                PositionPrior.Suspicion.NONE);
    return new View(
        ViewId.ofSha256(digest),
        file.toUri().toString(),
        file.getFileName().toString(),
        digest,
        width,
        height,
        1,
        focal,
        "camera",
        null,
        position);
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().matches(".*\\.(jpg|png)")).sorted().toList();
    }
  }

  private static List<CSVRecord> rows(Path file) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try (CSVParser parser =
        CSVParser.parse(
            file,
            StandardCharsets.UTF_8,
            CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get())) {
      return parser.getRecords();
    }
  }

  private static Vec3 vector(CSVRecord row, String[] columns) {
    return new Vec3(
        Double.parseDouble(row.get(columns[0])),
        Double.parseDouble(row.get(columns[1])),
        Double.parseDouble(row.get(columns[2])));
  }

  public ChunkViews chunk() {
    return chunk;
  }

  /** Views from {@code begin} (inclusive) to {@code end} (exclusive) as a chunk of their own. */
  public ChunkViews chunk(int begin, int end) {
    return new ChunkViews(new ChunkId(begin), chunk.world(), chunk.views().subList(begin, end));
  }

  /** The {@code count} views nearest to view {@code center} by position, in sequence order. */
  public ChunkViews chunkAround(int center, int count) {
    Vec3 middle = chunk.positionInWorld(chunk.views().get(center));
    List<View> nearest =
        chunk.views().stream()
            .sorted(Comparator.comparingDouble(v -> chunk.positionInWorld(v).distanceTo(middle)))
            .limit(count)
            .toList();
    List<View> inOrder = chunk.views().stream().filter(nearest::contains).toList();
    return new ChunkViews(new ChunkId(center), chunk.world(), inOrder);
  }

  public PhotoSource photos() {
    return view -> {
      try {
        return Files.readAllBytes(images.resolve(view.name()));
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    };
  }

  /** Distance of the camera centres from the truth after the best similarity, root mean square. */
  public double absoluteTrajectoryError(ChunkScene scene) {
    return rmsAfterSimilarity(centers(scene), truth);
  }

  /** The same between the cameras that two scenes share, in metres of the truth. */
  public double disagreement(ChunkScene a, ChunkScene b) {
    Map<ViewId, Vec3> ofB = centers(b);
    List<Vec3> estimated = new ArrayList<>();
    List<Vec3> expected = new ArrayList<>();
    ofB.forEach(
        (view, center) -> {
          estimated.add(center);
          expected.add(truth.get(view));
        });
    Sim3 truthFromB = Umeyama.fit(estimated, expected);
    ofB.replaceAll((view, center) -> truthFromB.apply(center));
    return rmsAfterSimilarity(centers(a), ofB);
  }

  /** Distance of a view's camera from the truth, after the similarity that is best for a scene. */
  public double error(ChunkScene scene, View view, Vec3 centerInChunk) {
    List<Vec3> estimated = new ArrayList<>();
    List<Vec3> expected = new ArrayList<>();
    centers(scene)
        .forEach(
            (id, center) -> {
              if (truth.containsKey(id)) {
                estimated.add(center);
                expected.add(truth.get(id));
              }
            });
    return Umeyama.fit(estimated, expected).apply(centerInChunk).distanceTo(truth.get(view.id()));
  }

  /** Distance of each camera from the truth after the best similarity, with its photo's name. */
  public Map<String, Double> errors(ChunkScene scene) {
    List<Vec3> estimated = new ArrayList<>();
    List<Vec3> expected = new ArrayList<>();
    Map<ViewId, Vec3> found = centers(scene);
    found.keySet().retainAll(truth.keySet());
    found.forEach(
        (view, center) -> {
          estimated.add(center);
          expected.add(truth.get(view));
        });
    Sim3 truthFromFound = Umeyama.fit(estimated, expected);
    Map<String, Double> errors = new LinkedHashMap<>();
    chunk.views().stream()
        .filter(v -> found.containsKey(v.id()))
        .forEach(
            v ->
                errors.put(
                    v.name(),
                    truthFromFound.apply(found.get(v.id())).distanceTo(truth.get(v.id()))));
    return errors;
  }

  private static Map<ViewId, Vec3> centers(ChunkScene scene) {
    Map<ViewId, Vec3> centers = new LinkedHashMap<>();
    scene.cameras().forEach(c -> centers.put(c.view(), c.cameraFromChunk().center()));
    return centers;
  }

  private static double rmsAfterSimilarity(Map<ViewId, Vec3> found, Map<ViewId, Vec3> reference) {
    List<Vec3> estimated = new ArrayList<>();
    List<Vec3> expected = new ArrayList<>();
    found.forEach(
        (view, center) -> {
          if (reference.containsKey(view)) {
            estimated.add(center);
            expected.add(reference.get(view));
          }
        });
    Sim3 referenceFromFound = Umeyama.fit(estimated, expected);
    double sum = 0;
    for (int i = 0; i < estimated.size(); i++) {
      double d = referenceFromFound.apply(estimated.get(i)).distanceTo(expected.get(i));
      sum += d * d;
    }
    return Math.sqrt(sum / estimated.size());
  }
}
