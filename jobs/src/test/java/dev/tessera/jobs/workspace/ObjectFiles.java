package dev.tessera.jobs.workspace;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files with an object store's limits: folders cannot be renamed. */
public final class ObjectFiles extends RawLocalFileSystem {
  static final String URI_PREFIX = "objects:";

  private static final URI ROOT = URI.create("objects:///");

  /** An instance of its own. */
  static FileSystem open() throws IOException {
    return FileSystem.newInstance(ROOT, configuration());
  }

  static Configuration configuration() {
    Configuration conf = new Configuration();
    conf.setClass("fs.objects.impl", ObjectFiles.class, FileSystem.class);
    return conf;
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    return plain(super.getFileStatus(path));
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    return Stream.of(super.listStatus(path)).map(ObjectFiles::plain).toArray(FileStatus[]::new);
  }

  /** Without owner and permission, as objects have none. */
  private static FileStatus plain(FileStatus of) {
    return new FileStatus(
        of.getLen(),
        of.isDirectory(),
        of.getReplication(),
        of.getBlockSize(),
        of.getModificationTime(),
        of.getPath());
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    if (Files.isDirectory(pathToFile(from).toPath())) {
      throw new UnsupportedOperationException("A folder would be copied: " + from);
    }
    return super.rename(from, to);
  }
}
