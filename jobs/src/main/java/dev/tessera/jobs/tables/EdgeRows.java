package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.Edge;
import dev.tessera.partition.ChunkId;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;

/** The {@code edges} table, format.md: the only place that knows its columns. */
public final class EdgeRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("chunk_a", IntegerType, false)
          .add("chunk_b", IntegerType, false)
          .add("kind", StringType, false)
          .add("accepted", BooleanType, false)
          .add("verdict", StringType, false)
          .add("weight", DoubleType, false)
          .add("shared_views", IntegerType, false)
          .add("inlier_views", IntegerType, false)
          .add("point_pairs", IntegerType, false)
          .add("inlier_points", IntegerType, false)
          .add("relative_rms", DoubleType, true)
          .add("log_focal_ratio", DoubleType, true)
          .add("scale", DoubleType, true)
          .add("qw", DoubleType, true)
          .add("qx", DoubleType, true)
          .add("qy", DoubleType, true)
          .add("qz", DoubleType, true)
          .add("tx", DoubleType, true)
          .add("ty", DoubleType, true)
          .add("tz", DoubleType, true)
          .add("covariance", DataTypes.createArrayType(DoubleType, false), true)
          .add("log_scale_spread", DoubleType, true)
          .add("round_trip_sigmas", DoubleType, true);

  private EdgeRows() {}

  /**
   * @param weight of the edge in the solution, in [0, 1]; 0 before there is one and for rejected
   *     edges
   */
  public static Row toRow(Edge e, double weight) {
    Sim3 s = e.aFromB();
    Quaternion q = s == null ? null : s.rotation();
    Vec3 t = s == null ? null : s.translation();
    return RowFactory.create(
        e.a().value(),
        e.b().value(),
        e.kind().name().toLowerCase(Locale.ROOT),
        e.accepted(),
        e.verdict().name().toLowerCase(Locale.ROOT),
        weight,
        e.sharedViews(),
        e.inlierViews(),
        e.pointPairs(),
        e.inlierPoints(),
        orNull(e.relativeRms()),
        orNull(e.logFocalRatio()),
        s == null ? null : s.scale(),
        q == null ? null : q.w(),
        q == null ? null : q.x(),
        q == null ? null : q.y(),
        q == null ? null : q.z(),
        t == null ? null : t.x(),
        t == null ? null : t.y(),
        t == null ? null : t.z(),
        s == null ? null : e.covariance28(),
        orNull(e.logScaleSpread()),
        orNull(e.roundTripSigmas()));
  }

  public static Edge fromRow(Row row) {
    boolean measured = !row.isNullAt(12);
    return new Edge(
        new ChunkId(row.getInt(0)),
        new ChunkId(row.getInt(1)),
        Edge.Kind.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
        measured ? similarity(row) : null,
        measured ? covariance(row) : null,
        row.getInt(6),
        row.getInt(7),
        row.getInt(8),
        row.getInt(9),
        orNaN(row, 10),
        orNaN(row, 11),
        orNaN(row, 21),
        orNaN(row, 22),
        Edge.Verdict.valueOf(row.getString(4).toUpperCase(Locale.ROOT)));
  }

  private static Sim3 similarity(Row row) {
    return new Sim3(
        row.getDouble(12),
        new Quaternion(row.getDouble(13), row.getDouble(14), row.getDouble(15), row.getDouble(16)),
        new Vec3(row.getDouble(17), row.getDouble(18), row.getDouble(19)));
  }

  private static double[] covariance(Row row) {
    return JavaConverters.seqAsJavaList(row.<Double>getSeq(20)).stream()
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  private static double orNaN(Row row, int column) {
    return row.isNullAt(column) ? Double.NaN : row.getDouble(column);
  }

  private static Double orNull(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
