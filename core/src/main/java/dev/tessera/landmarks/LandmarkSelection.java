package dev.tessera.landmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Chooses the points of a scene that are worth remembering: those with the longest tracks, spread
 * over all photos alike. Every photo is divided into 4 x 3 cells; the cell with the fewest chosen
 * points gets its best point that is left, and all cells that see this point have one more. Spread
 * over the scene instead, photos from afar, which see many points in little space, would have too
 * few to be found by.
 *
 * <p>The first points of a selection are a selection themselves: whoever needs fewer takes those.
 */
final class LandmarkSelection {
  static final int COLUMNS = 4;
  static final int ROWS = 3;
  private static final int CELLS = COLUMNS * ROWS;

  private final SeenPoints scene;
  private final int[][] pointsOfCell; // best first
  private final int[] next; // per cell: the first of its points that was not looked at
  private final int[] covered; // per cell: chosen points that it sees
  private final boolean[] chosen;

  private LandmarkSelection(SeenPoints scene) {
    this.scene = scene;
    this.pointsOfCell = pointsOfCell(scene);
    this.next = new int[pointsOfCell.length];
    this.covered = new int[pointsOfCell.length];
    this.chosen = new boolean[scene.points()];
  }

  /** A cell as it was when it entered the queue. */
  private record Turn(int covered, int cell) implements Comparable<Turn> {
    @Override
    public int compareTo(Turn o) {
      return covered != o.covered ? Integer.compare(covered, o.covered) : cell - o.cell;
    }
  }

  /** At most so many points, in the order in which they were chosen; all if there are fewer. */
  static int[] select(SeenPoints scene, int most) {
    return new LandmarkSelection(scene).run(Math.min(most, scene.points()));
  }

  private int[] run(int most) {
    PriorityQueue<Turn> queue = new PriorityQueue<>();
    for (int cell = 0; cell < pointsOfCell.length; cell++) {
      queue.add(new Turn(0, cell));
    }
    int[] selection = new int[most];
    int count = 0;
    while (count < most && !queue.isEmpty()) {
      Turn turn = queue.remove();
      int cell = turn.cell();
      if (turn.covered() < covered[cell]) {
        queue.add(new Turn(covered[cell], cell));
        continue;
      }
      int point = bestLeft(cell);
      if (point >= 0) {
        choose(point);
        selection[count++] = point;
        queue.add(new Turn(covered[cell], cell));
      }
    }
    return Arrays.copyOf(selection, count);
  }

  private int bestLeft(int cell) {
    int[] points = pointsOfCell[cell];
    while (next[cell] < points.length && chosen[points[next[cell]]]) {
      next[cell]++;
    }
    return next[cell] < points.length ? points[next[cell]] : -1;
  }

  private void choose(int point) {
    chosen[point] = true;
    for (int o = scene.begin(point); o < scene.begin(point + 1); o++) {
      covered[cell(scene, o)]++;
    }
  }

  private static int cell(SeenPoints scene, int observation) {
    int camera = scene.camera(observation);
    int column = part(scene.u(observation) / scene.width(camera), COLUMNS);
    int row = part(scene.v(observation) / scene.height(camera), ROWS);
    return CELLS * camera + COLUMNS * row + column;
  }

  private static int part(double fraction, int parts) {
    return Math.max(0, Math.min(parts - 1, (int) (fraction * parts)));
  }

  private static int[][] pointsOfCell(SeenPoints scene) {
    Integer[] order = new Integer[scene.points()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order,
        (a, b) -> {
          int longer = Integer.compare(scene.length(b), scene.length(a));
          int surer = Float.compare(scene.confidence(b), scene.confidence(a));
          return longer != 0 ? longer : surer != 0 ? surer : Integer.compare(a, b);
        });
    List<List<Integer>> cells = new ArrayList<>();
    for (int i = 0; i < CELLS * scene.cameras(); i++) {
      cells.add(new ArrayList<>());
    }
    for (int point : order) {
      for (int o = scene.begin(point); o < scene.begin(point + 1); o++) {
        cells.get(cell(scene, o)).add(point);
      }
    }
    return cells.stream()
        .map(points -> points.stream().mapToInt(p -> p).toArray())
        .toArray(int[][]::new);
  }
}
