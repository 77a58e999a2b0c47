package dev.tessera.jobs;

import dev.tessera.evaluate.LocalizationErrors;
import dev.tessera.evaluate.LocalizationEvaluator;
import dev.tessera.evaluate.LocalizationEvaluator.Localized;
import dev.tessera.evaluate.Truth;
import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.tables.LocalizedRows.Status;
import dev.tessera.jobs.tables.MapReader;
import dev.tessera.jobs.tables.MapReader.PosedPhoto;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Localized photos against true cameras. Both are on the driver: truth is a file of its own. */
record LocalizedTruth(Run run, Dataset<Row> photos) {
  /**
   * Errors after the similarity that lays the map's georeferenced cameras, or else those of its
   * largest component, on the truth.
   *
   * @throws UsageException if they do not determine it
   */
  LocalizationErrors errors(Truth truth) throws IOException {
    List<PosedPhoto> cameras =
        new MapReader(run.sc().hadoopConfiguration(), run.workspace().map()).cameras();
    boolean onEarth = cameras.stream().anyMatch(PosedPhoto::georeferenced);
    Map<String, Rigid3> mapCameras = new TreeMap<>();
    for (PosedPhoto camera : cameras) {
      if (onEarth ? camera.georeferenced() : camera.componentId() == 0) {
        mapCameras.put(camera.name(), camera.cameraFromWorld());
      }
    }
    List<Localized> asked =
        photos
            .filter(photos.col("status").isin(ASKED.toArray()))
            .orderBy("name")
            .collectAsList()
            .stream()
            .map(row -> localized(row, onEarth))
            .toList();
    try {
      return LocalizationEvaluator.errors(truth, mapCameras, asked);
    } catch (DegenerateGeometryException e) {
      throw new UsageException("Cannot compare with the truth: " + e.getMessage());
    }
  }

  private static final List<String> ASKED =
      List.of(Status.LOCATED.word(), Status.UNCERTAIN.word(), Status.NOT_LOCATED.word());

  /** A pose in another frame than that of the map's cameras is none. */
  private static Localized localized(Row row, boolean onEarth) {
    String name = row.getAs("name");
    boolean posed =
        row.getAs("x") != null
            && (onEarth
                ? row.<Boolean>getAs("georeferenced")
                : row.<Integer>getAs("component_id") == 0);
    if (!posed) {
      return new Localized(name, null, false, 0, null);
    }
    Quaternion q =
        new Quaternion(row.getAs("qw"), row.getAs("qx"), row.getAs("qy"), row.getAs("qz"));
    Vec3 center = new Vec3(row.getAs("x"), row.getAs("y"), row.getAs("z"));
    Integer inliers = row.getAs("inliers");
    int covariance = row.fieldIndex("covariance");
    return new Localized(
        name,
        Rigid3.cameraFromWorld(q, center),
        Status.LOCATED.word().equals(row.getAs("status")),
        inliers == null ? 0 : inliers,
        row.isNullAt(covariance) ? null : numbers(row.getList(covariance)));
  }

  private static double[] numbers(List<Double> values) {
    return values.stream().mapToDouble(v -> v).toArray();
  }
}
