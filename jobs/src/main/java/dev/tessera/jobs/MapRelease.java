package dev.tessera.jobs;

import dev.tessera.jobs.MapManifest.FileEntry;
import dev.tessera.jobs.workspace.FileCopy;
import dev.tessera.jobs.workspace.FileTasks;
import dev.tessera.jobs.workspace.Workspace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Makes a release of a workspace's map: a copy in a folder of its own that never changes, and the
 * pointer {@code latest.json} to it. Executors copy the files and digest what they read; a release
 * that is there already is not copied again.
 */
public final class MapRelease {
  private static final String SUCCESS = "_SUCCESS";

  /** Folder of files that are not whole yet. */
  private static final String ATTEMPTS = "_attempts";

  private MapRelease() {}

  /**
   * What the user asked for.
   *
   * @param releases URI of the folder of all releases; null for {@code releases} in the workspace
   * @param master Spark master; null for the one of the settings or of spark-submit
   * @param runName of the run that this is a part of; null for none
   */
  public record Request(String workspace, String releases, String master, String runName) {}

  /**
   * Content of {@code latest.json}.
   *
   * @param release name of the release's folder: the run that made the map
   * @param manifest URI of its manifest
   * @param key of the map
   */
  public record Latest(String release, String manifest, String key, String publishedAt) {}

  /**
   * Makes the release and prints the URI of its manifest.
   *
   * @return {@link ExitCodes#OK}
   * @throws UsageException if the workspace has no map
   * @throws RunFailedException if a file is not what the manifest says
   */
  public static int execute(Settings settings, Request request, PrintWriter out)
      throws IOException {
    if (request.releases() != null) {
      ObjectStores.requireReachable(request.releases());
    }
    Pipeline.Request asRun =
        new Pipeline.Request(
            null,
            request.workspace(),
            request.master(),
            false,
            Set.of(),
            Set.of(),
            request.runName());
    Pipeline.withRun(
        settings, null, asRun, null, run -> out.println(release(run, request).manifest()));
    out.flush();
    return ExitCodes.OK;
  }

  private static Latest release(Run run, Request request) throws IOException {
    Workspace workspace = run.workspace();
    if (!workspace.fs().exists(new Path(workspace.map(), SUCCESS))) {
      throw new UsageException(
          "Cannot publish %s: it has no map; make one first".formatted(workspace.root()));
    }
    MapManifest manifest = MapManifest.read(workspace.fs(), workspace.map());
    Path releases =
        request.releases() == null
            ? new Path(workspace.root(), "releases")
            : new Path(request.releases());
    FileSystem fs = releases.getFileSystem(run.sc().hadoopConfiguration());
    Path release = fs.makeQualified(new Path(releases, manifest.runId()));
    if (!fs.exists(new Path(release, SUCCESS))) {
      copy(run, manifest, fs, release);
    }
    Latest latest =
        new Latest(
            manifest.runId(),
            new Path(release, MapManifest.FILE).toString(),
            manifest.key(),
            Instant.now().toString());
    run.lease().check();
    Workspace.writeJson(fs, new Path(releases, "latest.json"), latest);
    return latest;
  }

  private static void copy(Run run, MapManifest manifest, FileSystem fs, Path release)
      throws IOException {
    run.group("publish");
    fs.delete(release, true);
    String from = run.workspace().map().toString();
    String to = release.toString();
    List<FileEntry> files = manifest.files();
    List<String> digests =
        FileTasks.each(run.sc(), files, (conf, file) -> copy(conf, from, to, file.path()));
    List<String> wrong =
        IntStream.range(0, files.size())
            .filter(i -> !digests.get(i).equals(files.get(i).sha256()))
            .mapToObj(i -> files.get(i).path())
            .toList();
    fs.delete(new Path(release, ATTEMPTS), true);
    if (!wrong.isEmpty()) {
      throw new RunFailedException(
          "Cannot publish %s: %s is not what the manifest says"
              .formatted(run.workspace().map(), wrong.get(0)),
          ExitCodes.INVALID);
    }
    try (InputStream in = run.workspace().fs().open(new Path(from, MapManifest.FILE));
        OutputStream out = fs.create(new Path(release, MapManifest.FILE), true)) {
      in.transferTo(out);
    }
    fs.create(new Path(release, SUCCESS), true).close();
  }

  /** Copies a file and returns the digest of what it read. */
  private static String copy(Configuration conf, String from, String to, String path)
      throws IOException {
    Path source = new Path(from, path);
    Path target = new Path(to, path);
    return FileCopy.copy(
        source.getFileSystem(conf),
        source,
        target.getFileSystem(conf),
        target,
        new Path(to, ATTEMPTS));
  }
}
