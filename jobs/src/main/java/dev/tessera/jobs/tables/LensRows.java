package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.tessera.reconstruct.SharedCalibration;
import dev.tessera.reconstruct.SharedCalibration.Lens;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The {@code lenses} table, format.md: the only place that knows its columns. */
public final class LensRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("camera_model", StringType, false)
          .add("focal_px", DoubleType, false)
          .add("cx", DoubleType, false)
          .add("cy", DoubleType, false)
          .add("k1", DoubleType, false)
          .add("k2", DoubleType, false);

  private LensRows() {}

  /** A row for each camera model, by its name. */
  public static List<Row> toRows(SharedCalibration shared) {
    return new TreeMap<>(shared.lenses())
        .entrySet().stream().map(e -> toRow(e.getKey(), e.getValue())).toList();
  }

  private static Row toRow(String cameraModel, Lens lens) {
    return RowFactory.create(
        cameraModel, lens.focalPixels(), lens.cx(), lens.cy(), lens.k1(), lens.k2());
  }

  public static SharedCalibration fromRows(List<Row> rows) {
    Map<String, Lens> lenses = new TreeMap<>();
    for (Row row : rows) {
      lenses.put(
          row.getString(0),
          new Lens(
              row.getDouble(1),
              row.getDouble(2),
              row.getDouble(3),
              row.getDouble(4),
              row.getDouble(5)));
    }
    return new SharedCalibration(lenses);
  }
}
