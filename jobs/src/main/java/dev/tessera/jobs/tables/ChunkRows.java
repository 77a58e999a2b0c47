package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.MapFrames.Status;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.PlannedChunk;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The map's {@code chunks} table, format.md: the only place that knows its columns. */
public final class ChunkRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("chunk_id", IntegerType, false)
          .add("store_key", StringType, false)
          .add("status", StringType, false)
          .add("reason", StringType, true)
          .add("halved_from", IntegerType, true)
          .add("component_id", IntegerType, true)
          .add("georeferenced", BooleanType, false)
          .add("views_owned", IntegerType, false)
          .add("views_halo", IntegerType, false)
          .add("views_registered", IntegerType, false)
          .add("points", IntegerType, false)
          .add("scale", DoubleType, true)
          .add("qw", DoubleType, true)
          .add("qx", DoubleType, true)
          .add("qy", DoubleType, true)
          .add("qz", DoubleType, true)
          .add("tx", DoubleType, true)
          .add("ty", DoubleType, true)
          .add("tz", DoubleType, true)
          .add("position_sigma_m", DoubleType, true)
          .add("rotation_sigma_deg", DoubleType, true)
          .add("log_scale_sigma", DoubleType, true)
          .add("gps_residual_sigmas", DoubleType, true)
          .add("edge_residual_sigmas", DoubleType, true)
          .add("seconds", DoubleType, false)
          .add("kind", StringType, false)
          .add("geometry", BinaryType, true);

  /** The reason of chunks that the rest of the map contradicts. */
  public static final String CONTRADICTED = OutcomeRows.CONTRADICTED.toLowerCase(Locale.ROOT);

  private ChunkRows() {}

  /**
   * The row of a chunk.
   *
   * @param frame null for a chunk that is not in the map
   * @param footprintWkb outline of its cameras on WGS84; null where not georeferenced
   */
  public static Row toRow(
      PlannedChunk planned, Outcome outcome, ChunkFrame frame, byte[] footprintWkb) {
    Sim3 s = frame == null ? null : frame.worldFromChunk();
    Quaternion q = s == null ? null : s.rotation();
    Vec3 t = s == null ? null : s.translation();
    return RowFactory.create(
        outcome.chunk().value(),
        outcome.storeKey(),
        status(frame, outcome),
        reason(frame, outcome),
        outcome.halvedFrom() == null ? null : outcome.halvedFrom().value(),
        frame == null ? null : frame.componentId(),
        frame != null && frame.georeferenced(),
        planned.owned(),
        planned.borrowed(),
        outcome.registered(),
        outcome.points(),
        s == null ? null : s.scale(),
        q == null ? null : q.w(),
        q == null ? null : q.x(),
        q == null ? null : q.y(),
        q == null ? null : q.z(),
        t == null ? null : t.x(),
        t == null ? null : t.y(),
        t == null ? null : t.z(),
        frame == null ? null : orNull(frame.positionSigmaMeters()),
        frame == null ? null : orNull(frame.rotationSigmaDegrees()),
        frame == null ? null : orNull(frame.logScaleSigma()),
        frame == null ? null : orNull(frame.gpsResidualSigmas()),
        frame == null ? null : orNull(frame.edgeResidualSigmas()),
        outcome.seconds(),
        kind(planned.kind()),
        footprintWkb);
  }

  /**
   * How a chunk came about.
   *
   * @param halvedFrom the chunk that it is a half of; null if it is none
   * @param seam whether it was made to join others, and owns no view
   */
  public record Origin(int chunk, Integer halvedFrom, boolean seam) {}

  /** How the chunk of a row came about. */
  public static Origin origin(Row row) {
    boolean seam = kind(PlannedChunk.Kind.SEAM).equals(row.getString(25));
    return new Origin(row.getInt(0), row.isNullAt(4) ? null : row.getInt(4), seam);
  }

  private static String kind(PlannedChunk.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** The frame of a chunk that is in the map; null for another one. */
  public static ChunkFrame frame(Row row) {
    if (row.isNullAt(11)) {
      return null;
    }
    Quaternion rotation =
        new Quaternion(row.getDouble(12), row.getDouble(13), row.getDouble(14), row.getDouble(15));
    Vec3 translation = new Vec3(row.getDouble(16), row.getDouble(17), row.getDouble(18));
    return new ChunkFrame(
        new ChunkId(row.getInt(0)),
        new Sim3(row.getDouble(11), rotation, translation),
        row.getInt(5),
        row.getBoolean(6),
        orNaN(row, 19),
        orNaN(row, 20),
        orNaN(row, 21),
        orNaN(row, 22),
        orNaN(row, 23),
        Status.valueOf(row.getString(2).toUpperCase(Locale.ROOT)));
  }

  private static double orNaN(Row row, int column) {
    return row.isNullAt(column) ? Double.NaN : row.getDouble(column);
  }

  /**
   * The word for what became of a chunk.
   *
   * @param frame null for a chunk that is not in the map
   */
  public static String status(ChunkFrame frame, Outcome outcome) {
    if (frame != null) {
      return frame.status().name().toLowerCase(Locale.ROOT);
    }
    if (outcome.halved()) {
      return outcome.rechunked() ? "rechunked" : "halved";
    }
    return outcome.reconstructed() ? "quarantined" : "failed";
  }

  /** Why a chunk is not in the map; null if it is. */
  public static String reason(ChunkFrame frame, Outcome outcome) {
    if (frame != null) {
      return null;
    }
    if (outcome.reconstructed()) {
      return CONTRADICTED;
    }
    return outcome.reason() == null ? null : outcome.reason().toLowerCase(Locale.ROOT);
  }

  private static Double orNull(double value) {
    return Double.isNaN(value) || Double.isInfinite(value) ? null : value;
  }
}
