package dev.tessera.jobs.check;

import dev.tessera.jobs.check.PointScan.PhotoUse;
import dev.tessera.jobs.tables.TileRows.Tile;
import dev.tessera.map.Bounds;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/**
 * What tables say of one another. Shuffles one row per camera, photo that failed, tile, and photo
 * with points; the driver sees broken rules.
 */
final class References {
  private References() {}

  /** Every photo is one camera, and all its points are of that camera's chunk. */
  static JavaRDD<Violation> photosOnce(JavaRDD<Row> cameras, JavaRDD<PhotoUse> uses) {
    JavaPairRDD<Long, PhotoUse> byCamera =
        cameras.mapToPair(
            c ->
                new Tuple2<>(
                    c.<Long>getAs("image_id"),
                    new PhotoUse(
                        c.getAs("image_id"), c.getAs("chunk_id"), c.getAs("component_id"))));
    return byCamera
        .cogroup(uses.distinct().mapToPair(use -> new Tuple2<>(use.image(), use)))
        .flatMap(photo -> photo(photo._1(), list(photo._2()._1()), photo._2()._2()).iterator());
  }

  private static List<Violation> photo(
      long image, List<PhotoUse> cameras, Iterable<PhotoUse> uses) {
    List<Violation> violations = new ArrayList<>();
    if (cameras.size() > 1) {
      violations.add(violation("cameras", "unique", "image_id %d: %s".formatted(image, cameras)));
    }
    for (PhotoUse use : uses) {
      if (cameras.isEmpty()) {
        violations.add(violation("points", "photo-reference", use + " has no camera"));
      } else if (!cameras.contains(use)) {
        violations.add(violation("points", "photo-once", use + ", but " + cameras.get(0)));
      }
    }
    return violations;
  }

  /** No photo is both a camera and a failure, or one of them twice. */
  static JavaRDD<Violation> camerasOrFailures(JavaRDD<Row> cameras, JavaRDD<Row> failures) {
    JavaRDD<String> failed =
        failures.filter(f -> f.getAs("kind").equals("photo")).map(f -> f.getAs("name"));
    return cameras
        .<String>map(c -> c.getAs("name"))
        .union(failed)
        .mapToPair(name -> new Tuple2<>(name, 1))
        .reduceByKey(Integer::sum)
        .filter(photo -> photo._2() > 1)
        .map(
            photo ->
                violation(
                    "failures",
                    "photo-once",
                    "%s is in cameras and failures %d times".formatted(photo._1(), photo._2())));
  }

  /** Tiles say of their points what the points say. */
  static JavaRDD<Violation> tiles(JavaRDD<Row> tiles, JavaRDD<Tile> ofPoints) {
    JavaPairRDD<Long, Tile> said = tiles.mapToPair(t -> new Tuple2<>(t.getAs("tile"), tile(t)));
    return said.cogroup(ofPoints.mapToPair(t -> new Tuple2<>(t.tile(), t)).reduceByKey(Tile::plus))
        .flatMap(tile -> tile(list(tile._2()._1()), list(tile._2()._2())).iterator());
  }

  private static List<Violation> tile(List<Tile> said, List<Tile> found) {
    if (said.size() == 1 && found.size() == 1 && isSame(said.get(0), found.get(0))) {
      return List.of();
    }
    return List.of(
        violation("tiles", "tile-points", "%s, but points say %s".formatted(said, found)));
  }

  private static boolean isSame(Tile a, Tile b) {
    return a.points() == b.points()
        && a.bounds().equals(b.bounds())
        && a.minMorton() == b.minMorton()
        && a.maxMorton() == b.maxMorton();
  }

  private static Tile tile(Row t) {
    Bounds bounds =
        new Bounds(
            t.getAs("min_x"),
            t.getAs("min_y"),
            t.getAs("min_z"),
            t.getAs("max_x"),
            t.getAs("max_y"),
            t.getAs("max_z"));
    return new Tile(
        t.getAs("tile"),
        t.getAs("points"),
        bounds,
        Bounds.empty(),
        t.getAs("min_morton"),
        t.getAs("max_morton"));
  }

  private static <T> List<T> list(Iterable<T> items) {
    List<T> list = new ArrayList<>();
    items.forEach(list::add);
    return list;
  }

  private static Violation violation(String where, String rule, String example) {
    return new Violation(rule, where, 1, example);
  }
}
