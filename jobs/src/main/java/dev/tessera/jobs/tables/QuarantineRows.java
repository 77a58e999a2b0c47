package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.PhotoOutcome.Reason;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The {@code quarantine} table, format.md: the only place that knows its columns. */
public final class QuarantineRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("uri", StringType, false)
          .add("name", StringType, false)
          .add("reason", StringType, false)
          .add("detail", StringType, false);

  private QuarantineRows() {}

  public static Row toRow(Quarantined q) {
    return RowFactory.create(q.uri(), q.name(), q.reason().code(), q.detail());
  }

  public static Quarantined fromRow(Row row) {
    Reason reason = Reason.valueOf(row.getString(2).toUpperCase(Locale.ROOT));
    return new Quarantined(row.getString(0), row.getString(1), reason, row.getString(3));
  }
}
