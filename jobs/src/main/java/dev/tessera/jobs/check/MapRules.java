package dev.tessera.jobs.check;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.tables.CameraRows;
import dev.tessera.jobs.tables.ChunkRows;
import dev.tessera.jobs.tables.EdgeRows;
import dev.tessera.jobs.tables.FailureRows;
import dev.tessera.jobs.tables.MemoryRows;
import dev.tessera.jobs.tables.PointRows;
import dev.tessera.jobs.tables.TileRows;
import dev.tessera.map.Wkb;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * What docs/format.md says of each table's rows, table by table, for a map with these facts.
 *
 * @param facts of the map's manifest
 * @param known all chunks of the map's table, by number
 */
record MapRules(MapFacts facts, Broadcast<Map<Integer, MapChunk>> known) {
  /** Of sums of a few products of numbers of size one: some thousand roundings of doubles. */
  private static final double UNIT_ERROR = 1e-12;

  /** Of positions, per metre of distance from the origin: the same. */
  private static final double POSITION_ERROR = 1e-12;

  /** Of all tables. */
  List<TableRules> all() {
    return List.of(cameras(), points(), chunks(), edges(), tiles(), failures(), memory());
  }

  private TableRules cameras() {
    StructType s = CameraRows.SCHEMA;
    int x = s.fieldIndex("x");
    int q = s.fieldIndex("qw");
    int t = s.fieldIndex("tx");
    int world = s.fieldIndex("world_qw");
    int chunk = s.fieldIndex("chunk_id");
    int morton = s.fieldIndex("morton");
    MapFacts map = facts;
    Broadcast<Map<Integer, MapChunk>> all = known;
    List<RowRule> rules =
        List.of(
            RowRule.of("unit-quaternion", s, r -> isUnit(r, q), "qw", "qx", "qy", "qz"),
            RowRule.of(
                "pose", s, r -> isInverse(r, q, world) && isCenter(r, x, q, t), "image_id", "x"),
            RowRule.of(
                "range",
                s,
                r -> r.<Double>getAs("focal_px") > 0 && r.<Integer>getAs("observations") >= 0,
                "focal_px",
                "observations"),
            RowRule.of("morton-key", s, r -> map.keyOf(r, x) == r.getLong(morton), "x", "morton"),
            RowRule.of(
                "chunk-reference",
                s,
                r -> isOf(r, all.value().get(r.getInt(chunk))),
                "chunk_id",
                "component_id",
                "georeferenced"),
            RowRule.of("georeference", s, map::isOnEarth, "georeferenced", "lon", "lat"),
            RowRule.of("geometry", s, MapRules::isItsPoint, "lon", "lat", "height_m", "geometry"));
    return TableRules.of("cameras", s, rules, "morton", "image_id");
  }

  private TableRules points() {
    StructType s = PointRows.SCHEMA;
    int morton = s.fieldIndex("morton");
    int tile = s.fieldIndex("tile");
    int r0 = s.fieldIndex("r");
    int confidence = s.fieldIndex("confidence");
    int observations = s.fieldIndex("n_obs");
    int level = s.fieldIndex("level");
    MapFacts map = facts;
    List<RowRule> rules =
        List.of(
            RowRule.of("morton-key", s, r -> map.keyOf(r, 0) == r.getLong(morton), "x", "morton"),
            RowRule.of(
                "tile-key",
                s,
                r -> r.getLong(morton) >>> (3 * map.tileLevels()) == r.getLong(tile),
                "morton",
                "tile"),
            RowRule.of(
                "range",
                s,
                r ->
                    isColour(r.getShort(r0))
                        && isColour(r.getShort(r0 + 1))
                        && isColour(r.getShort(r0 + 2))
                        && isShare(r.getFloat(confidence))
                        && r.getInt(observations) >= 1
                        && r.getInt(level) >= 0
                        && r.getInt(level) <= 7,
                "r",
                "g",
                "b",
                "confidence",
                "n_obs",
                "level"));
    return TableRules.of("points", s, rules, "morton", "component_id");
  }

  private TableRules chunks() {
    StructType s = ChunkRows.SCHEMA;
    int scale = s.fieldIndex("scale");
    int reason = s.fieldIndex("reason");
    int whole = s.fieldIndex("halved_from");
    Broadcast<Map<Integer, MapChunk>> all = known;
    int[] frame =
        Arrays.stream(new String[] {"component_id", "scale", "qw", "qx", "qy", "qz"})
            .mapToInt(s::fieldIndex)
            .toArray();
    List<RowRule> rules =
        List.of(
            RowRule.of(
                "frame",
                s,
                r ->
                    r.isNullAt(reason)
                        ? Arrays.stream(frame).noneMatch(r::isNullAt)
                            && r.getDouble(scale) > 0
                            && isUnit(r, scale + 1)
                        : Arrays.stream(frame).allMatch(r::isNullAt)
                            && !r.<Boolean>getAs("georeferenced"),
                "chunk_id",
                "reason",
                "component_id",
                "scale",
                "qw",
                "qx",
                "qy",
                "qz"),
            RowRule.of(
                "chunk-reference",
                s,
                r -> r.isNullAt(whole) || all.value().containsKey(r.getInt(whole)),
                "chunk_id",
                "halved_from"),
            polygon(s));
    return TableRules.of("chunks", s, rules, "chunk_id");
  }

  private TableRules edges() {
    StructType s = EdgeRows.SCHEMA;
    int scale = s.fieldIndex("scale");
    int weight = s.fieldIndex("weight");
    int covariance = s.fieldIndex("covariance");
    Broadcast<Map<Integer, MapChunk>> all = known;
    List<RowRule> rules =
        List.of(
            RowRule.of(
                "chunk-reference",
                s,
                r -> joinsKnown(r, all.value()),
                "chunk_a",
                "chunk_b",
                "accepted"),
            RowRule.of("range", s, r -> r.getInt(0) < r.getInt(1), "chunk_a", "chunk_b"),
            RowRule.of(
                "verdict",
                s,
                r ->
                    r.<Boolean>getAs("accepted") == r.getAs("verdict").equals("accepted")
                        && isShare(r.getDouble(weight))
                        && (r.<Boolean>getAs("accepted")
                            ? !r.isNullAt(scale)
                            : r.getDouble(weight) == 0),
                "chunk_a",
                "chunk_b",
                "accepted",
                "verdict",
                "weight"),
            RowRule.of(
                "similarity",
                s,
                r ->
                    r.isNullAt(scale)
                        || (r.getDouble(scale) > 0
                            && isUnit(r, scale + 1)
                            && (!r.<Boolean>getAs("accepted")
                                || isCovariance(r.getList(covariance)))),
                "chunk_a",
                "chunk_b",
                "scale",
                "qw",
                "qx",
                "qy",
                "qz",
                "covariance"));
    return TableRules.of("edges", s, rules, "chunk_a", "chunk_b");
  }

  private TableRules tiles() {
    return TableRules.of("tiles", TileRows.SCHEMA, List.of(polygon(TileRows.SCHEMA)), "tile");
  }

  private static TableRules failures() {
    return TableRules.of("failures", FailureRows.SCHEMA, List.of(), "stage", "kind", "name");
  }

  private TableRules memory() {
    StructType s = MemoryRows.SCHEMA;
    Broadcast<Map<Integer, MapChunk>> all = known;
    List<RowRule> rules =
        List.of(
            RowRule.of("blob", s, MemoryRows::whole, "chunk_id", "name", "dtype", "shape", "blob"),
            RowRule.of(
                "chunk-reference",
                s,
                r -> isInMap(all.value().get(r.getInt(0))),
                "chunk_id",
                "name"));
    return TableRules.of("memory", s, rules, "chunk_id");
  }

  private static RowRule polygon(StructType s) {
    int geometry = s.fieldIndex("geometry");
    return RowRule.of(
        "geometry",
        s,
        r -> r.isNullAt(geometry) || Wkb.isPolygon(r.getAs(geometry)),
        s.fieldNames()[0],
        "geometry");
  }

  private static boolean isUnit(Row r, int q) {
    double norm2 = 0;
    for (int i = q; i < q + 4; i++) {
      norm2 += r.getDouble(i) * r.getDouble(i);
    }
    return Math.abs(norm2 - 1) <= UNIT_ERROR;
  }

  /** Whether the product of two rotations is none. */
  private static boolean isInverse(Row r, int q, int p) {
    double w =
        r.getDouble(q) * r.getDouble(p)
            - r.getDouble(q + 1) * r.getDouble(p + 1)
            - r.getDouble(q + 2) * r.getDouble(p + 2)
            - r.getDouble(q + 3) * r.getDouble(p + 3);
    return Math.abs(Math.abs(w) - 1) <= UNIT_ERROR;
  }

  /** {@code x = -R^-1 t}. */
  private static boolean isCenter(Row r, int x, int q, int t) {
    Vec3 center = vector(r, x);
    Rigid3 cameraFromWorld =
        new Rigid3(
            new Quaternion(
                r.getDouble(q), r.getDouble(q + 1), r.getDouble(q + 2), r.getDouble(q + 3)),
            vector(r, t));
    return cameraFromWorld.center().distanceTo(center) <= POSITION_ERROR * (1 + center.norm());
  }

  static Vec3 vector(Row r, int first) {
    return new Vec3(r.getDouble(first), r.getDouble(first + 1), r.getDouble(first + 2));
  }

  /** An edge of chunks that there are; one in use, of chunks in the map. */
  private static boolean joinsKnown(Row edge, Map<Integer, MapChunk> chunks) {
    MapChunk a = chunks.get(edge.getInt(0));
    MapChunk b = chunks.get(edge.getInt(1));
    return a != null
        && b != null
        && (!edge.<Boolean>getAs("accepted") || (isInMap(a) && isInMap(b)));
  }

  private static boolean isInMap(MapChunk chunk) {
    return chunk != null && chunk.component() != null;
  }

  private static boolean isOf(Row camera, MapChunk chunk) {
    return isInMap(chunk)
        && chunk.component().equals(camera.<Integer>getAs("component_id"))
        && chunk.georeferenced() == camera.<Boolean>getAs("georeferenced");
  }

  /** The WKB of a camera's longitude, latitude and height; none without them. */
  private static boolean isItsPoint(Row camera) {
    byte[] geometry = camera.getAs("geometry");
    Double lon = camera.getAs("lon");
    Double lat = camera.getAs("lat");
    Double height = camera.getAs("height_m");
    return lon == null || lat == null || height == null
        ? geometry == null
        : Arrays.equals(geometry, Wkb.pointZ(new GeoPoint(lat, lon, height)));
  }

  private static boolean isColour(short value) {
    return value >= 0 && value <= 255;
  }

  private static boolean isShare(double value) {
    return value >= 0 && value <= 1;
  }

  /** 28 finite numbers, and no negative variance. */
  private static boolean isCovariance(List<Double> packed) {
    if (packed.size() != 28 || !packed.stream().allMatch(Double::isFinite)) {
      return false;
    }
    for (int i = 0; i < 7; i++) {
      if (packed.get(i * (i + 1) / 2 + i) < 0) {
        return false;
      }
    }
    return true;
  }
}
