package dev.tessera.jobs.check;

import dev.tessera.jobs.tables.PointRows;
import dev.tessera.jobs.tables.TileRows.Tile;
import dev.tessera.map.Bounds;
import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;

/**
 * One pass over a part of the points: their rows, and what they say about tiles and photos. Grows
 * with the tiles and photos of the part, not with its points.
 */
final class PointScan implements Serializable {
  private static final int X = PointRows.SCHEMA.fieldIndex("x");
  private static final int IMAGE = PointRows.SCHEMA.fieldIndex("image_id");
  private static final int CHUNK = PointRows.SCHEMA.fieldIndex("chunk_id");
  private static final int COMPONENT = PointRows.SCHEMA.fieldIndex("component_id");
  private static final int TILE = PointRows.SCHEMA.fieldIndex("tile");
  private static final int MORTON = PointRows.SCHEMA.fieldIndex("morton");

  private final TableScan rows;
  private final Set<Integer> componentsOnEarth;
  private final Map<Long, Tile> tiles = new HashMap<>();
  private final Set<PhotoUse> photos = new HashSet<>();

  /** That a photo stands for a point of a chunk. */
  record PhotoUse(long image, int chunk, int component) implements Serializable {}

  private PointScan(TableRules rules, Set<Integer> componentsOnEarth) {
    this.rows = new TableScan(rules);
    this.componentsOnEarth = componentsOnEarth;
  }

  /** The scan of some points, as the one element that a task makes of them. */
  static Iterator<PointScan> of(
      TableRules rules, Set<Integer> componentsOnEarth, Iterator<Row> points) {
    PointScan scan = new PointScan(rules, componentsOnEarth);
    points.forEachRemaining(scan::add);
    return List.of(scan).iterator();
  }

  private void add(Row row) {
    if (!rows.add(row)) {
      return;
    }
    Bounds here = Bounds.empty().including(MapRules.vector(row, X));
    long morton = row.getLong(MORTON);
    boolean onEarth = componentsOnEarth.contains(row.getInt(COMPONENT));
    tiles.merge(
        row.getLong(TILE),
        new Tile(row.getLong(TILE), 1, here, onEarth ? here : Bounds.empty(), morton, morton),
        Tile::plus);
    photos.add(new PhotoUse(row.getLong(IMAGE), row.getInt(CHUNK), row.getInt(COMPONENT)));
  }

  TableScan rows() {
    return rows;
  }

  Collection<Tile> tiles() {
    return tiles.values();
  }

  /** Of the georeferenced points, or of all if the map has no such component. */
  Bounds bounds() {
    return tiles.values().stream()
        .map(componentsOnEarth.isEmpty() ? Tile::bounds : Tile::boundsOnEarth)
        .reduce(Bounds.empty(), Bounds::union);
  }

  Collection<PhotoUse> photos() {
    return photos;
  }
}
