package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.PositionPrior;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The {@code views} table, format.md: the only place that knows its columns. */
public final class ViewRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("image_id", LongType, false)
          .add("sequence_rank", LongType, false)
          .add("uri", StringType, false)
          .add("name", StringType, false)
          .add("sha256", StringType, false)
          .add("width", IntegerType, false)
          .add("height", IntegerType, false)
          .add("exif_orientation", IntegerType, false)
          .add("focal_px", DoubleType, false)
          .add("focal_source", StringType, false)
          .add("camera_model", StringType, false)
          .add("capture_ms", LongType, true)
          .add("lat", DoubleType, true)
          .add("lon", DoubleType, true)
          .add("height_m", DoubleType, true)
          .add("horizontal_sigma_m", DoubleType, true)
          .add("vertical_sigma_m", DoubleType, true)
          .add("position_suspicion", StringType, true);

  private ViewRows() {}

  /**
   * A view and its place in the sequence of all views.
   *
   * @param rank folder after folder in natural order, within a folder by capture time, else by
   *     natural name
   */
  public record RankedView(View view, long rank) implements Serializable {}

  public static Row toRow(RankedView ranked) {
    View v = ranked.view();
    PositionPrior p = v.position();
    return RowFactory.create(
        v.id().value(),
        ranked.rank(),
        v.uri(),
        v.name(),
        v.sha256(),
        v.width(),
        v.height(),
        v.exifOrientation(),
        v.focal().pixels(),
        v.focal().source().name(),
        v.cameraModel(),
        v.captureMillis(),
        p == null ? null : p.point().latitudeDegrees(),
        p == null ? null : p.point().longitudeDegrees(),
        p == null ? null : p.point().heightMeters(),
        p == null ? null : p.horizontalSigmaMeters(),
        p == null ? null : p.verticalSigmaMeters(),
        p == null ? null : p.suspicion().name());
  }

  public static RankedView fromRow(Row row) {
    View view =
        new View(
            new ViewId(row.getLong(0)),
            row.getString(2),
            row.getString(3),
            row.getString(4),
            row.getInt(5),
            row.getInt(6),
            row.getInt(7),
            new FocalPrior(row.getDouble(8), FocalPrior.Source.valueOf(row.getString(9))),
            row.getString(10),
            row.isNullAt(11) ? null : row.getLong(11),
            row.isNullAt(12) ? null : position(row));
    return new RankedView(view, row.getLong(1));
  }

  private static PositionPrior position(Row row) {
    return new PositionPrior(
        new GeoPoint(row.getDouble(12), row.getDouble(13), row.getDouble(14)),
        row.getDouble(15),
        row.getDouble(16),
        PositionPrior.Suspicion.valueOf(row.getString(17)));
  }
}
