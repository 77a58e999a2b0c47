package dev.tessera.jobs;

import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.jobs.workspace.Workspace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The workspaces that a map is made of: the run's own, and those joined to it, which are only read.
 * Chunks are numbered on from workspace to workspace in the order in which they were named.
 */
final class Sources {
  private final SparkSession spark;
  private final Workspace own;
  private final List<Workspace> others;
  private List<Source> joined; // once asked for

  /**
   * A workspace that is joined.
   *
   * @param firstChunk the number that its chunk 0 has in the map
   */
  record Source(Workspace workspace, int firstChunk) {}

  Sources(SparkSession spark, Workspace own, List<Workspace> others) {
    this.spark = spark;
    this.own = own;
    this.others = others;
  }

  /**
   * Opens the workspaces to join.
   *
   * @throws UsageException if one of them cannot be joined
   */
  static List<Workspace> open(Workspace own, List<String> uris, Configuration conf) {
    Set<Path> seen = new HashSet<>(Set.of(own.root()));
    List<Workspace> others = new ArrayList<>();
    for (String uri : uris) {
      Workspace other = Workspace.reading(uri, conf);
      if (!seen.add(other.root())) {
        throw new UsageException("Cannot join workspace '%s' twice".formatted(uri));
      }
      others.add(other);
    }
    return others;
  }

  /** Without the run's own. */
  List<Source> joined() throws IOException {
    if (joined == null) {
      List<Source> found = new ArrayList<>();
      int next = others.isEmpty() ? 0 : new WorkspaceTables(spark, own).plan().size();
      for (Workspace other : others) {
        found.add(new Source(other, next));
        next += new WorkspaceTables(spark, other).plan().size();
      }
      joined = found;
    }
    return joined;
  }

  /** The run's own first. */
  List<Workspace> workspaces() {
    List<Workspace> all = new ArrayList<>(List.of(own));
    all.addAll(others);
    return all;
  }

  /** Where the scenes of joined workspaces are. */
  List<Path> otherStores() {
    return others.stream().map(Workspace::store).toList();
  }

  /** The sum over all workspaces of what a stage counted. */
  long count(Stage stage, String fact) throws IOException {
    long sum = 0;
    for (Workspace workspace : workspaces()) {
      sum += workspace.required(stage).count(fact);
    }
    return sum;
  }

  /** Identity of what is joined: empty for nothing. */
  String keys() throws IOException {
    StringBuilder keys = new StringBuilder();
    for (Workspace other : others) {
      StageManifest repair = other.required(Stage.REPAIR);
      keys.append("with ").append(repair.key()).append('\n');
    }
    return keys.toString();
  }
}
