package dev.tessera.jobs;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.apache.hadoop.conf.Configuration;

/**
 * An S3 server in this JVM, over HTTP, which keeps everything in memory and demands signed
 * requests. Its libraries are of other versions than ours: it lives in a class loader of its own.
 */
final class S3Server implements AutoCloseable {
  static final String BUCKET = "lake";
  static final String ACCESS_KEY = "AKIATESSERATESTKEY01";
  static final String SECRET_KEY = "s3cr3t-Tessera/test+key.0123456789abcdef";

  private static final String HADOOP = "spark.hadoop.";
  private static final Path JAR = Path.of("target/test-servers/s3proxy.jar");

  private final URLClassLoader libraries;
  private final Object server;

  private S3Server(URLClassLoader libraries, Object server) {
    this.libraries = libraries;
    this.server = server;
  }

  /** Starts a server with one empty bucket. */
  static S3Server start() throws Exception {
    if (!Files.exists(JAR)) {
      throw new IllegalStateException(JAR + " is missing: build with Maven, which copies it there");
    }
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    URLClassLoader own =
        new URLClassLoader(new URL[] {JAR.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
    Thread.currentThread().setContextClassLoader(own);
    try {
      return new S3Server(own, started(own));
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  private static Object started(ClassLoader loader) throws Exception {
    Class<?> contexts = loader.loadClass("org.jclouds.ContextBuilder");
    Object context = contexts.getMethod("newBuilder", String.class).invoke(null, "transient");
    contexts
        .getMethod("credentials", String.class, String.class)
        .invoke(context, ACCESS_KEY, SECRET_KEY);
    Class<?> storeContext = loader.loadClass("org.jclouds.blobstore.BlobStoreContext");
    Object built = contexts.getMethod("build", Class.class).invoke(context, storeContext);
    Object store = storeContext.getMethod("getBlobStore").invoke(built);
    Class<?> blobStore = loader.loadClass("org.jclouds.blobstore.BlobStore");
    blobStore
        .getMethod(
            "createContainerInLocation",
            loader.loadClass("org.jclouds.domain.Location"),
            String.class)
        .invoke(store, null, BUCKET);
    Properties properties = new Properties();
    properties.setProperty("s3proxy.endpoint", "http://127.0.0.1:0");
    properties.setProperty("s3proxy.authorization", "aws-v2-or-v4");
    properties.setProperty("s3proxy.identity", ACCESS_KEY);
    properties.setProperty("s3proxy.credential", SECRET_KEY);
    Class<?> builders = loader.loadClass("org.gaul.s3proxy.S3Proxy$Builder");
    Object builder =
        builders.getMethod("fromProperties", Properties.class).invoke(null, properties);
    builders.getMethod("blobStore", blobStore).invoke(builder, store);
    Object server = builders.getMethod("build").invoke(builder);
    server.getClass().getMethod("start").invoke(server);
    return server;
  }

  int port() throws Exception {
    return (int) server.getClass().getMethod("getPort").invoke(server);
  }

  /** The same as a Hadoop client of this JVM is told, with the credentials. */
  static Configuration configuration(int port) {
    Configuration conf = new Configuration();
    for (String setting : settings(port)) {
      String[] pair = setting.substring(setting.indexOf(HADOOP) + HADOOP.length()).split("\"=", 2);
      conf.set(pair[0], pair[1]);
    }
    conf.set("fs.s3a.access.key", ACCESS_KEY);
    conf.set("fs.s3a.secret.key", SECRET_KEY);
    return conf;
  }

  /** The settings of a run whose S3 is at that port. No credentials are among them. */
  static List<String> settings(int port) {
    return List.of(
        setting("endpoint", URI.create("http://127.0.0.1:" + port).toString()),
        setting("endpoint.region", "us-east-1"),
        setting("path.style.access", "true"),
        setting("connection.ssl.enabled", "false"));
  }

  private static String setting(String name, String value) {
    return "spark.conf.\"" + HADOOP + "fs.s3a." + name + "\"=" + value;
  }

  @Override
  public void close() throws ReflectiveOperationException, IOException {
    server.getClass().getMethod("stop").invoke(server);
    libraries.close();
  }
}
