package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Plain SQL over the Parquet files of a workspace, by DuckDB: a reader that knows no Tessera. */
final class MapSql implements AutoCloseable {
  private static final Pattern TABLE = Pattern.compile("\\{(?:(\\w+)/)?(\\w+)}");

  private final Connection connection;
  private final Path workspace;

  private MapSql(Connection connection, Path workspace) {
    this.connection = connection;
    this.workspace = workspace;
  }

  static MapSql of(Path workspace) throws SQLException {
    return new MapSql(DriverManager.getConnection("jdbc:duckdb:"), workspace);
  }

  /**
   * Every photo's points come from the chunk that its camera comes from, and none is there twice.
   */
  void requireEachPhotosPointsOnce() throws SQLException {
    assertThat(number("select count(*) from {points}")).isPositive();
    assertThat(number("select count(*) - count(distinct image_id) from {cameras}")).isZero();
    assertThat(
            number(
                "select count(*) from {points} p left join {cameras} c using (image_id)"
                    + " where c.chunk_id is distinct from p.chunk_id"))
        .isZero();
    assertThat(number("select count(*) - count(distinct (x, y, z)) from {points}")).isZero();
  }

  /**
   * All rows. {@code {points}} stands for the map's table of that name, {@code {STAGE/TABLE}} for
   * the table in the current result of a stage.
   */
  List<List<Object>> rows(String sql) throws SQLException {
    String expanded =
        TABLE
            .matcher(sql)
            .replaceAll(
                table ->
                    "read_parquet('%s')"
                        .formatted(
                            table.group(1) == null
                                ? files(table.group(2))
                                : stageFiles(table.group(1), table.group(2))));
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(expanded)) {
      List<List<Object>> rows = new ArrayList<>();
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<Object> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(result.getObject(i));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  /** The one number that a query gives. */
  long number(String sql) throws SQLException {
    return ((Number) rows(sql).get(0).get(0)).longValue();
  }

  /** The one real number that a query gives. */
  double real(String sql) throws SQLException {
    return ((Number) rows(sql).get(0).get(0)).doubleValue();
  }

  /** The first column of a query. */
  List<Object> column(String sql) throws SQLException {
    return rows(sql).stream().map(row -> row.get(0)).toList();
  }

  /** All cameras of the map with all their numbers, by id. */
  List<List<Object>> cameras() throws SQLException {
    return rows(
        "select * replace (geometry::varchar as geometry) from {cameras} order by image_id");
  }

  /** All points of the map with all their numbers, in one order. */
  List<List<Object>> points() throws SQLException {
    return rows("select * from {points} order by all");
  }

  /** The files of a table of the map, as a glob. */
  String files(String table) {
    return workspace + "/map/" + table + "/*.parquet";
  }

  private String stageFiles(String stage, String table) {
    Path folder = workspace.resolve("stages").resolve(stage);
    try {
      return folder
          + "/"
          + Files.readString(folder.resolve("_current"))
          + "/"
          + table
          + "/*.parquet";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
