package dev.tessera.jobs.tables;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.PhotoOutcome.Reason;
import dev.tessera.imagery.PositionPrior;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.jobs.tables.CameraRows.MapCamera;
import dev.tessera.jobs.tables.FailureRows.Failure;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.tables.PointRows.PlacedPoint;
import dev.tessera.jobs.tables.TileRows.Tile;
import dev.tessera.jobs.tables.ViewRows.RankedView;
import dev.tessera.map.Bounds;
import dev.tessera.map.MapPoint;
import dev.tessera.merge.Edge;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.MapFrames.Status;
import dev.tessera.partition.Border;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.PlannedChunk;
import dev.tessera.reconstruct.SceneMemory.Tensor;
import dev.tessera.reconstruct.SharedCalibration;
import dev.tessera.reconstruct.SharedCalibration.Lens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every table through Parquet and back, with random values and with nulls where they may be. */
class RowCodecsTest {
  private static final int ROWS = 50;

  /**
   * A quaternion is made unit when it is born, also from numbers that are unit but for the last
   * bit.
   */
  private static final double UNIT_ERROR = 4 * Math.ulp(1.0);

  private static final RecursiveComparisonConfiguration TO_ROUNDING =
      RecursiveComparisonConfiguration.builder()
          .withComparatorForType(
              (a, b) -> Math.abs(a - b) <= UNIT_ERROR ? 0 : Double.compare(a, b), Double.class)
          .build();

  private static SparkSession spark;

  @TempDir Path temp;

  @BeforeAll
  static void startSpark() {
    spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @Test
  void views() {
    comeBack(seeded(RowCodecsTest::view), ViewRows::toRow, ViewRows.SCHEMA, ViewRows::fromRow);
  }

  @Test
  void memberships() {
    comeBack(
        seeded(r -> new Membership(new ChunkId(r.nextInt(99)), id(r), r.nextBoolean())),
        MembershipRows::toRow,
        MembershipRows.SCHEMA,
        MembershipRows::fromRow);
  }

  @Test
  void borders() {
    comeBack(
        seeded(r -> new Border(new ChunkId(r.nextInt(9)), new ChunkId(9 + r.nextInt(9)))),
        BorderRows::toRow,
        BorderRows.SCHEMA,
        BorderRows::fromRow);
  }

  @Test
  void lensesToTheLastBitForScenesAreStoredUnderThem() {
    Random r = new Random(8);
    Map<String, Lens> lenses = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      lenses.put(
          "model " + i,
          new Lens(
              1000 * r.nextDouble(),
              1000 * r.nextDouble(),
              1000 * r.nextDouble(),
              r.nextGaussian(),
              r.nextGaussian()));
    }
    SharedCalibration shared = new SharedCalibration(lenses);

    List<Row> rows = throughParquet(LensRows.toRows(shared), row -> row, LensRows.SCHEMA);

    assertThat(LensRows.fromRows(rows)).isEqualTo(shared);
  }

  @Test
  void plannedChunks() {
    comeBack(seeded(RowCodecsTest::planned), PlanRows::toRow, PlanRows.SCHEMA, PlanRows::fromRow);
  }

  @Test
  void outcomes() {
    comeBack(
        seeded(RowCodecsTest::outcome),
        OutcomeRows::toRow,
        OutcomeRows.SCHEMA,
        OutcomeRows::fromRow);
  }

  @Test
  void quarantinedPhotosOfEveryReason() {
    comeBack(
        Stream.of(Reason.values())
            .map(reason -> new Quarantined("file:/p/ä b.jpg", "ä b.jpg", reason, "why: 'so'"))
            .toList(),
        QuarantineRows::toRow,
        QuarantineRows.SCHEMA,
        QuarantineRows::fromRow);
  }

  @Test
  void failures() {
    comeBack(
        seeded(
            r ->
                new Failure(
                    "ingest", "photo", text(r), r.nextBoolean() ? null : r.nextInt(), "r", "d")),
        FailureRows::toRow,
        FailureRows.SCHEMA,
        FailureRows::fromRow);
  }

  @Test
  void edgesOfEveryVerdict() {
    List<Edge> edges = new ArrayList<>(seeded(RowCodecsTest::edge));
    for (Edge.Verdict verdict : Edge.Verdict.values()) {
      edges.add(edges.get(0).with(verdict));
    }

    List<Edge> back =
        throughParquet(edges, e -> EdgeRows.toRow(e, 0.5), EdgeRows.SCHEMA).stream()
            .map(EdgeRows::fromRow)
            .toList();

    assertThat(back).usingRecursiveFieldByFieldElementComparator(TO_ROUNDING).isEqualTo(edges);
  }

  @Test
  void edgesWithoutMeasurementHaveNoNumbers() {
    Edge edge = unmeasured(new Random(1));

    Row row = throughParquet(List.of(edge), e -> EdgeRows.toRow(e, 0), EdgeRows.SCHEMA).get(0);

    for (String column : List.of("relative_rms", "scale", "qw", "tz", "covariance")) {
      assertThat(row.isNullAt(row.fieldIndex(column))).as(column).isTrue();
    }
    assertThat(EdgeRows.fromRow(row)).usingRecursiveComparison(TO_ROUNDING).isEqualTo(edge);
  }

  @Test
  void cameras() {
    List<MapCamera> cameras = seeded(RowCodecsTest::camera);

    List<Row> rows = throughParquet(cameras, CameraRows::toRow, CameraRows.SCHEMA);

    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      MapCamera c = cameras.get(i);
      Vec3 center = c.cameraFromWorld().center();
      assertThat(row.<Long>getAs("image_id")).isEqualTo(c.imageId());
      assertThat(row.<Double>getAs("x")).isEqualTo(center.x());
      assertThat(row.<Double>getAs("tz")).isEqualTo(c.cameraFromWorld().translation().z());
      assertThat(row.<Double>getAs("qw")).isEqualTo(c.cameraFromWorld().rotation().w());
      assertThat(row.<Double>getAs("world_qx"))
          .isEqualTo(c.cameraFromWorld().rotation().inverse().x());
      assertThat(row.<Double>getAs("focal_px")).isEqualTo(c.intrinsics().focalPixels());
      assertThat(row.<Double>getAs("lon"))
          .isEqualTo(c.geo() == null ? null : c.geo().longitudeDegrees());
      assertThat(row.<Double>getAs("gps_residual_up_m"))
          .isEqualTo(c.gpsResidual() == null ? null : c.gpsResidual().z());
      assertThat(row.<byte[]>getAs("geometry")).isEqualTo(c.wkb());
    }
    assertThat(rows.stream().map(CameraRows::fromRow).toList())
        .usingRecursiveFieldByFieldElementComparator(TO_ROUNDING)
        .isEqualTo(cameras);
  }

  @Test
  void tensorsOfEveryRank() {
    List<Tensor> tensors =
        Stream.of(List.<Integer>of(), List.of(7), List.of(0, 3), List.of(2, 3, 4))
            .map(RowCodecsTest::tensor)
            .toList();

    List<Row> rows =
        throughParquet(tensors, t -> MemoryRows.toRow(41, "fast-weights", t), MemoryRows.SCHEMA);

    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i).<Integer>getAs("chunk_id")).isEqualTo(41);
      assertThat(rows.get(i).<String>getAs("kind")).isEqualTo("fast-weights");
      assertThat(rows.get(i).<String>getAs("name")).isEqualTo(tensors.get(i).name());
      assertThat(rows.get(i).<String>getAs("dtype")).isEqualTo("F32");
      assertThat(rows.get(i).<Integer>getList(4)).isEqualTo(tensors.get(i).shape());
      assertThat(rows.get(i).<byte[]>getAs("blob")).isEqualTo(tensors.get(i).bytes());
      assertThat(MemoryRows.whole(rows.get(i))).isTrue();
    }
  }

  @Test
  void aTensorWhoseBytesAreNotThoseOfItsShapeIsNotWhole() {
    Row whole = MemoryRows.toRow(0, "k", tensor(List.of(2, 3)));
    Object[] values = IntStream.range(0, whole.length()).mapToObj(whole::get).toArray();
    values[5] = new byte[23];
    List<Row> rows = List.of(RowFactory.create(values));

    assertThat(throughParquet(rows, row -> row, MemoryRows.SCHEMA)).noneMatch(MemoryRows::whole);
  }

  private static Tensor tensor(List<Integer> shape) {
    int count = shape.stream().reduce(1, (a, b) -> a * b);
    byte[] bytes = new byte[4 * count];
    new Random(count).nextBytes(bytes);
    return new Tensor("a.ä." + count, "F32", shape, bytes);
  }

  /** What was not measured has no number, rather than one that is none. */
  @Test
  void aCameraWithoutResidualsHasNoReprojectionError() {
    MapCamera c = camera(new Random(6));
    MapCamera unmeasured =
        new MapCamera(
            c.imageId(),
            c.name(),
            c.uri(),
            c.chunkId(),
            c.componentId(),
            c.georeferenced(),
            c.cameraFromWorld(),
            c.intrinsics(),
            0,
            Double.NaN,
            c.positionSigmaMeters(),
            c.gpsResidual(),
            c.geo(),
            c.morton(),
            c.wkb());

    List<Row> rows = throughParquet(List.of(c, unmeasured), CameraRows::toRow, CameraRows.SCHEMA);

    assertThat(rows.stream().map(row -> row.<Double>getAs("reprojection_rms_px")).toList())
        .containsExactly(c.reprojectionRmsPixels(), null);
    assertThat(CameraRows.fromRow(rows.get(1)).reprojectionRmsPixels()).isNaN();
  }

  @Test
  void points() {
    List<PlacedPoint> points = seeded(RowCodecsTest::placed);

    List<Row> rows = throughParquet(points, PointRows::toRow, PointRows.SCHEMA);

    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      PlacedPoint p = points.get(i);
      assertThat(row.getDouble(2)).isEqualTo(p.point().xInWorld().z());
      assertThat(row.getShort(3) << 16 | row.getShort(4) << 8 | row.getShort(5))
          .isEqualTo(p.point().rgb());
      assertThat(row.<Float>getAs("confidence")).isEqualTo(p.point().confidence());
      assertThat(row.<Long>getAs("tile")).isEqualTo(p.tile());
      assertThat(row.<Long>getAs("morton")).isEqualTo(p.morton());
      assertThat(row.<Integer>getAs("n_obs")).isEqualTo(p.point().observations());
      assertThat(row.<Integer>getAs("n_chunks")).isEqualTo(p.point().chunks());
    }
  }

  @Test
  void chunksWithAndWithoutAFrame() {
    Random r = new Random(4);
    PlannedChunk planned = planned(r);
    ChunkFrame frame =
        new ChunkFrame(
            planned.id(), similarity(r), 2, true, 0.1, 0.2, 0.3, Double.NaN, 1, Status.CONNECTED);
    Outcome failed = Outcome.failed(planned.id(), "key", "TOO_FEW", "why", 9, 1.5);
    Outcome whole = Outcome.reconstructed(planned.id(), "key", 9, 8, 77, 3, true, 1.5);

    List<Outcome> outcomes =
        List.of(
            whole,
            failed,
            failed.asHalved(),
            whole.halfOf(new ChunkId(41)),
            whole,
            whole.asRechunked("why"));
    List<ChunkFrame> frames = Arrays.asList(frame, null, null, frame, null, null);
    List<Row> rows =
        throughParquet(
            List.of(0, 1, 2, 3, 4, 5),
            i ->
                ChunkRows.toRow(
                    planned,
                    outcomes.get(i),
                    frames.get(i),
                    frames.get(i) == null ? null : new byte[] {1, 2}),
            ChunkRows.SCHEMA);

    assertThat(rows.get(0).<String>getAs("status")).isEqualTo("connected");
    assertThat(rows.get(0).<Double>getAs("scale")).isEqualTo(frame.worldFromChunk().scale());
    assertThat(rows.get(0).<Object>getAs("gps_residual_sigmas")).isNull();
    assertThat(ChunkRows.frame(rows.get(0))).usingRecursiveComparison(TO_ROUNDING).isEqualTo(frame);
    assertThat(ChunkRows.frame(rows.get(1))).isNull();
    assertThat(rows.get(1).<String>getAs("status")).isEqualTo("failed");
    assertThat(rows.get(1).<String>getAs("reason")).isEqualTo("too_few");
    assertThat(rows.get(1).<Object>getAs("scale")).isNull();
    assertThat(rows.get(1).<Object>getAs("component_id")).isNull();
    assertThat(rows.stream().map(row -> row.<String>getAs("status")))
        .containsExactly("connected", "failed", "halved", "connected", "quarantined", "rechunked");
    assertThat(rows.stream().map(row -> row.<Integer>getAs("halved_from")))
        .containsExactly(null, null, null, 41, null, null);
    assertThat(rows.get(4).<String>getAs("reason")).isEqualTo("contradicted");
    assertThat(rows.get(5).<String>getAs("reason")).isEqualTo("contradicted");
    assertThat(rows.get(0).<String>getAs("kind"))
        .isEqualTo(planned.kind().name().toLowerCase(Locale.ROOT));
  }

  @Test
  void tiles() {
    Bounds bounds = Bounds.empty().including(vector(new Random(1))).including(Vec3.ZERO);
    Tile tile = new Tile(7, 2, bounds, Bounds.empty(), 30, 40);

    Row row = throughParquet(List.of(tile), t -> TileRows.toRow(t, null), TileRows.SCHEMA).get(0);

    assertThat(row.<Long>getAs("tile")).isEqualTo(7);
    assertThat(row.<Long>getAs("points")).isEqualTo(2);
    assertThat(row.<Double>getAs("min_y")).isEqualTo(bounds.minY());
    assertThat(row.<Double>getAs("max_z")).isEqualTo(bounds.maxZ());
    assertThat(row.<Long>getAs("min_morton")).isEqualTo(30);
    assertThat(row.<Long>getAs("max_morton")).isEqualTo(40);
    assertThat(row.<Object>getAs("geometry")).isNull();
  }

  private <T> void comeBack(
      List<T> values, Function<T, Row> toRow, StructType schema, Function<Row, T> fromRow) {
    assertThat(throughParquet(values, toRow, schema).stream().map(fromRow).toList())
        .isEqualTo(values);
  }

  private <T> List<Row> throughParquet(List<T> values, Function<T, Row> toRow, StructType schema) {
    List<Row> rows = values.stream().map(toRow).toList();
    assertThat(rows).allMatch(row -> row.length() == schema.length());
    var folder = new org.apache.hadoop.fs.Path(temp.resolve("table").toUri());
    Tables.write(
        spark,
        JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(rows, 1),
        schema,
        folder);
    List<Row> back = Tables.read(spark, schema, folder).collect();
    assertThat(back).hasSameSizeAs(rows);
    return back;
  }

  private static <T> List<T> seeded(Function<Random, T> maker) {
    return IntStream.range(0, ROWS).mapToObj(seed -> maker.apply(new Random(seed))).toList();
  }

  private static RankedView view(Random r) {
    PositionPrior position =
        new PositionPrior(
            new GeoPoint(
                180 * r.nextDouble() - 90, 360 * r.nextDouble() - 180, 99 * r.nextGaussian()),
            1 + r.nextDouble(),
            2 + r.nextDouble(),
            any(r, PositionPrior.Suspicion.values()));
    View view =
        new View(
            id(r),
            "file:/photos/" + text(r),
            text(r),
            "ab".repeat(32),
            1 + r.nextInt(9000),
            1 + r.nextInt(9000),
            1 + r.nextInt(8),
            new FocalPrior(100 + r.nextDouble(), any(r, FocalPrior.Source.values())),
            text(r),
            r.nextBoolean() ? null : r.nextLong(),
            r.nextBoolean() ? null : position);
    return new RankedView(view, r.nextInt(999));
  }

  private static PlannedChunk planned(Random r) {
    PlannedChunk.Kind kind = any(r, PlannedChunk.Kind.values());
    boolean spatial = kind != PlannedChunk.Kind.SEQUENCE;
    return new PlannedChunk(
        new ChunkId(r.nextInt(999)),
        kind,
        1 + r.nextInt(99),
        r.nextInt(99),
        spatial ? -r.nextDouble() : Double.NaN,
        spatial ? -r.nextDouble() : Double.NaN,
        spatial ? r.nextDouble() : Double.NaN,
        spatial ? r.nextDouble() : Double.NaN,
        r.nextInt(99),
        99 + r.nextInt(99));
  }

  private static Outcome outcome(Random r) {
    boolean whole = r.nextBoolean();
    return new Outcome(
        new ChunkId(r.nextInt(999)),
        text(r),
        whole,
        whole ? null : text(r),
        whole ? null : text(r),
        r.nextInt(),
        r.nextInt(),
        r.nextInt(),
        r.nextInt(),
        r.nextBoolean(),
        r.nextDouble(),
        r.nextBoolean(),
        r.nextBoolean() ? null : new ChunkId(r.nextInt(99)));
  }

  private static Edge edge(Random r) {
    if (r.nextInt(4) == 0) {
      return unmeasured(r);
    }
    return new Edge(
        new ChunkId(r.nextInt(99)),
        new ChunkId(100 + r.nextInt(99)),
        any(r, Edge.Kind.values()),
        similarity(r),
        r.doubles(28).toArray(),
        r.nextInt(),
        r.nextInt(),
        r.nextInt(),
        r.nextInt(),
        r.nextDouble(),
        r.nextBoolean() ? Double.NaN : r.nextGaussian(),
        r.nextBoolean() ? Double.NaN : r.nextDouble(),
        r.nextBoolean() ? Double.NaN : r.nextDouble(),
        any(r, Edge.Verdict.values()));
  }

  private static Edge unmeasured(Random r) {
    return new Edge(
        new ChunkId(r.nextInt(99)),
        new ChunkId(100 + r.nextInt(99)),
        Edge.Kind.OVERLAP,
        null,
        null,
        r.nextInt(),
        0,
        r.nextInt(),
        0,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Edge.Verdict.NO_CONSENSUS);
  }

  private static MapCamera camera(Random r) {
    boolean onEarth = r.nextBoolean();
    return new MapCamera(
        r.nextLong() >>> 1,
        text(r),
        text(r),
        r.nextInt(99),
        r.nextInt(9),
        onEarth,
        new Rigid3(Quaternion.ofRotationVector(vector(r)), vector(r)),
        new Intrinsics(640, 480, 500 + r.nextDouble(), 320, 240, r.nextDouble(), r.nextDouble()),
        r.nextInt(999),
        r.nextDouble(),
        onEarth ? r.nextDouble() : null,
        onEarth && r.nextBoolean() ? vector(r) : null,
        onEarth ? new GeoPoint(48 + r.nextDouble(), 11 + r.nextDouble(), 520) : null,
        r.nextLong() >>> 1,
        onEarth ? new byte[] {(byte) r.nextInt(), 0, -1} : null);
  }

  private static PlacedPoint placed(Random r) {
    MapPoint point =
        new MapPoint(
            vector(r),
            r.nextInt(1 << 24),
            r.nextFloat(),
            r.nextLong() >>> 1,
            r.nextInt(99),
            2 + r.nextInt(9),
            1 + r.nextInt(3));
    return new PlacedPoint(
        point, r.nextInt(3), r.nextInt(8), r.nextLong() >>> 1, r.nextLong() >>> 1);
  }

  private static Sim3 similarity(Random r) {
    return new Sim3(
        0.5 + r.nextDouble(), Quaternion.ofRotationVector(vector(r)), vector(r).times(100));
  }

  private static Vec3 vector(Random r) {
    return new Vec3(r.nextGaussian(), r.nextGaussian(), r.nextGaussian());
  }

  private static ViewId id(Random r) {
    return new ViewId(r.nextLong() >>> 1);
  }

  /** A few letters, not all of them plain ones. */
  private static String text(Random r) {
    return r.ints(1 + r.nextInt(9), 0x20, 0x2ff)
        .mapToObj(Character::toString)
        .reduce("", String::concat);
  }

  private static <T> T any(Random r, T[] values) {
    return values[r.nextInt(values.length)];
  }
}
