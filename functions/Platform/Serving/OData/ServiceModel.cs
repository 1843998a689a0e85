using System.Text;
using System.Xml;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using Microsoft.OData.Edm;
using Microsoft.OData.Edm.Csdl;

namespace DataPlatform.Serving.OData;

/// <summary>The metadata document: an entity type and a set for each table.</summary>
internal static class ServiceModel
{
    public const string Namespace = "DataPlatform";

    public static byte[] Write(IReadOnlyList<PinnedTable> tables)
    {
        var model = new EdmModel();
        var container = new EdmEntityContainer(Namespace, "Container");
        model.AddElement(container);
        foreach (var table in tables)
        {
            var type = new EdmEntityType(Namespace, table.Table.Name.Name);
            foreach (var column in EntityShape.Of(table).Columns)
            {
                var property = type.AddStructuralProperty(column.Name, RowModel.TypeOf(column)!);
                if (column.Name == EntityShape.KeyName)
                    type.AddKeys(property);
            }

            model.AddElement(type);
            container.AddEntitySet(table.Table.Name.Name, type);
        }

        var text = new MemoryStream();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true }))
        {
            if (!CsdlWriter.TryWriteCsdl(model, xml, CsdlTarget.OData, out var errors))
                throw new InvalidOperationException($"The metadata document can't be written: {string.Join("; ", errors.Select(error => error.ErrorMessage))}");
        }

        return text.ToArray();
    }
}
